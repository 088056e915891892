import { camelCase, type GeneratedFile, kebabCase, typescriptFile } from '../generated-file.ts'

/** The list of contracts, from the files of `contracts/v1/tools`; each exports one contract in camel case. */
export const emitContractCatalog = (files: readonly string[]): GeneratedFile =>
  typescriptFile('contracts/catalog.ts', [
    "import type { Contract } from './define-contract.ts'",
    ...files.map((file) => `import { ${camelCase(file)} } from './v1/tools/${file}.ts'`),
    '',
    '/** The contracts that are live: one per file of `v1/tools`, by name. */',
    ...arrayLines('export const contracts = [', files.map(camelCase), '] as const satisfies readonly Contract[]'),
    '',
    'export type LiveContract = (typeof contracts)[number]',
    "export type ToolName = LiveContract['name']",
  ])

const lineWidth = 140

/** A list as the formatter of the project would print it. */
const arrayLines = (before: string, items: readonly string[], after: string): string[] => {
  const line = `${before}${items.join(', ')}${after}`
  return line.length <= lineWidth ? [line] : [before, ...items.map((item) => `  ${item},`), after]
}

/** The handlers of the tools, so that a new one needs no line of its own anywhere. */
export const emitHandlers = (tools: readonly string[]): GeneratedFile =>
  typescriptFile('server/generated/handlers.ts', [
    ...tools.map((tool) => `import { handler as ${camelCase(tool)} } from '../tools/${kebabCase(tool)}.ts'`),
    '',
    '/** One handler per contract, in the order of the contracts. */',
    ...arrayLines('export const handlers = [', tools.map(camelCase), '] as const'),
  ])
