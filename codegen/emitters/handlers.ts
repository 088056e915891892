import { camelCase, type GeneratedFile, kebabCase, typescriptFile } from '../generated-file.ts'
import type { ToolModel } from '../model.ts'

/** The lists of contracts, from the files of `contracts/v1/tools` and `host-tools`; each exports one contract in camel case. */
export const emitContractCatalog = (files: readonly string[], hostFiles: readonly string[]): GeneratedFile =>
  typescriptFile('contracts/catalog.ts', [
    "import type { Contract } from './define-contract.ts'",
    ...hostFiles.map((file) => `import { ${camelCase(file)} } from './v1/host-tools/${file}.ts'`),
    ...files.map((file) => `import { ${camelCase(file)} } from './v1/tools/${file}.ts'`),
    '',
    '/** The contracts that are live: one per file of `v1/tools`, by name. */',
    ...arrayLines('export const contracts = [', files.map(camelCase), '] as const satisfies readonly Contract[]'),
    '',
    '/** Those that hosts execute: one per file of `v1/host-tools`. */',
    ...arrayLines('export const hostContracts = [', hostFiles.map(camelCase), '] as const satisfies readonly Contract[]'),
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

/** The tools and where their handlers are, so that a new one needs no line of its own anywhere. */
export const emitHandlers = (tools: readonly ToolModel[]): GeneratedFile =>
  typescriptFile('server/generated/handlers.ts', [
    "import type { ServedTool } from '../dispatch/define-handler.ts'",
    '',
    '/** One handler per contract, in the order of the contracts; each is loaded when it is first called. */',
    'export const servedTools: readonly ServedTool[] = [',
    ...tools.flatMap(({ name, version, aliases, annotations, streams }) => [
      '  {',
      `    name: '${name}',`,
      `    version: '${version}',`,
      `    aliases: [${aliases.map((alias) => `'${alias}'`).join(', ')}],`,
      `    readOnly: ${annotations.readOnly},`,
      `    streams: ${streams},`,
      `    load: async () => (await import('../tools/${kebabCase(name)}.ts')).handler,`,
      '  },',
    ]),
    ']',
  ])
