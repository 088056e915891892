import { digest } from '../compat/finding.ts'
import { camelCase, type GeneratedFile, kebabCase, typescriptFile } from '../generated-file.ts'
import type { Model, ToolModel } from '../model.ts'

/** Where a contract, or the way to it from an earlier version, is written. */
export interface ContractFile {
  /** Its folder: `v1`. */
  readonly major: number
  /** Kebab-case, without extension. */
  readonly file: string
}

/** The files of contracts, as they lie in `contracts`. */
export interface ContractFiles {
  /** `vN/tools`. */
  readonly tools: readonly ContractFile[]
  /** `vN/host-tools`. */
  readonly hostTools: readonly ContractFile[]
  /** `vN/from-vM`: how calls to version M are answered by version N. */
  readonly transforms: readonly (ContractFile & { readonly from: number })[]
}

/** The lists of contracts, from their files; each exports one contract, or one transform, in camel case. */
export const emitContractCatalog = ({ tools, hostTools, transforms }: ContractFiles): GeneratedFile => {
  const current = newest(tools)
  const hosted = newest(hostTools)
  return typescriptFile('contracts/catalog.ts', [
    "import type { Contract, Transform } from './define-contract.ts'",
    ...[
      ...hosted.map(({ major, file }) => ({ path: `./v${major}/host-tools/${file}.ts`, what: camelCase(file) })),
      ...current.map(({ major, file }) => ({ path: `./v${major}/tools/${file}.ts`, what: camelCase(file) })),
      ...transforms.map((one) => ({
        path: `./v${one.major}/from-v${one.from}/${one.file}.ts`,
        what: `${camelCase(one.file)} as ${transformName(one)}`,
      })),
    ]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map(({ path, what }) => `import { ${what} } from '${path}'`),
    '',
    '/** The contracts that are live: of each tool the newest version, by name. */',
    ...arrayLines(
      'export const contracts = [',
      current.map(({ file }) => camelCase(file)),
      '] as const satisfies readonly Contract[]',
    ),
    '',
    '/** Those that hosts execute: one per file of `host-tools`. */',
    ...arrayLines(
      'export const hostContracts = [',
      hosted.map(({ file }) => camelCase(file)),
      '] as const satisfies readonly Contract[]',
    ),
    '',
    '/** Earlier versions that are served still, each with its way to the next. */',
    'export const transforms = [',
    ...transforms.map((one) => `  ${transformName(one)} as unknown as Transform,`),
    '] as const satisfies readonly Transform[]',
    '',
    'export type LiveContract = (typeof contracts)[number]',
    "export type ToolName = LiveContract['name']",
  ])
}

const newest = (files: readonly ContractFile[]): ContractFile[] =>
  [...Map.groupBy(files, ({ file }) => file).values()]
    .map((versions) => versions.reduce((a, b) => (b.major > a.major ? b : a)))
    .sort((a, b) => (a.file < b.file ? -1 : 1))

const transformName = ({ file, from }: ContractFile & { readonly from: number }): string => `${camelCase(file)}FromV${from}`

const lineWidth = 140

/** A list as the formatter of the project would print it. */
const arrayLines = (before: string, items: readonly string[], after: string): string[] => {
  const line = `${before}${items.join(', ')}${after}`
  return line.length <= lineWidth ? [line] : [before, ...items.map((item) => `  ${item},`), after]
}

/** The tools and where their handlers are, so that a new one needs no line of its own anywhere. */
export const emitHandlers = ({ tools, earlier, envelope, errors }: Model): GeneratedFile =>
  typescriptFile('server/generated/handlers.ts', [
    ...(earlier.length > 0 ? ["import type { Transform } from '../../contracts/define-contract.ts'"] : []),
    "import type { ServedTool } from '../dispatch/define-handler.ts'",
    '',
    '/** One handler per tool, in the order of the contracts; each is loaded when it is first called. */',
    'export const servedTools: readonly ServedTool[] = [',
    ...tools.flatMap((tool) => {
      const { name, version, aliases, annotations, streams } = tool
      return [
        '  {',
        `    name: '${name}',`,
        `    version: '${version}',`,
        `    aliases: [${aliases.map((alias) => `'${alias}'`).join(', ')}],`,
        `    readOnly: ${annotations.readOnly},`,
        `    streams: ${streams},`,
        `    load: async () => (await import('../tools/${kebabCase(name)}.ts')).handler,`,
        ...earlierVersions(tool, earlier),
        '  },',
      ]
    }),
    ']',
    '',
    '/** Stands for all that the contracts say: servers that differ in it promise different things. */',
    `export const contractsDigest = '${digest(JSON.stringify({ tools, earlier, envelope, errors }))}'`,
  ])

/** The versions of a tool that are answered through transforms, the newest first. */
const earlierVersions = (tool: ToolModel, earlier: readonly ToolModel[]): string[] => {
  const versions = [tool, ...earlier.filter(({ name }) => name === tool.name).sort((a, b) => b.major - a.major)]
  if (versions.length === 1) return []
  return [
    '    earlier: [',
    ...versions
      .slice(1)
      .flatMap(({ version, major, deprecated }, index) => [
        '      {',
        `        version: '${version}',`,
        ...(deprecated === undefined ? [] : [`        deprecated: ${inlineObject(deprecated)},`]),
        `        load: async () => (await import('../../contracts/v${versions[index]?.major}/from-v${major}/${kebabCase(tool.name)}.ts')).${camelCase(tool.name)} as unknown as Transform,`,
        '      },',
      ]),
    '    ],',
  ]
}

const inlineObject = (object: object): string =>
  `{ ${Object.entries(object)
    .map(([key, value]) => `${key}: '${value}'`)
    .join(', ')} }`
