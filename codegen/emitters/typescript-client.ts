import { pascalCase } from '../generated-file.ts'
import type { ContractFinding, Model, ToolModel } from '../model.ts'
import { functionNameOf, javascriptLiteral } from '../typescript-types.ts'

/** A function of the client: one for each tool, and more where its answers have pages or rows to stream. */
interface ClientFunction {
  readonly name: string
  readonly tool: ToolModel
  readonly kind: 'call' | 'pages' | 'rows' | 'arrow'
}

/** Names of the package beside its tools. */
const taken = ['call', 'constructor', 'createTransport', 'isDatafaceError', 'safe', 'transport']

/** The function of the client that calls a tool. */
export const clientFunctionName = ({ name }: Pick<ToolModel, 'name'>): string => functionNameOf(name, taken)

const functionsOf = (tool: ToolModel): ClientFunction[] => {
  const name = clientFunctionName(tool)
  const hasPages = tool.input.properties?.cursor !== undefined && tool.output.properties?.next_cursor !== undefined
  return [
    { name, tool, kind: 'call' },
    ...(hasPages ? [{ name: `${name}Pages`, tool, kind: 'pages' } as const] : []),
    ...(tool.streams ? [{ name: `${name}Rows`, tool, kind: 'rows' } as const, { name: `${name}Arrow`, tool, kind: 'arrow' } as const] : []),
  ]
}

/** Tools whose functions, or types, would have one name. */
export const typescriptFindings = ({ tools }: Model): ContractFinding[] => {
  const names = new Map<string, string>()
  return tools.flatMap((tool) =>
    functionsOf(tool).flatMap(({ name }): ContractFinding[] => {
      const other = names.get(pascalCase(name))
      names.set(pascalCase(name), tool.name)
      return other === undefined || other === tool.name
        ? []
        : [{ tool: tool.name, field: 'name', message: `the TypeScript client has ${name} already, of ${other}` }]
    }),
  )
}

const inputOf = ({ name }: ToolModel): string => `${pascalCase(name)}Input`
const outputOf = ({ name }: ToolModel): string => `${pascalCase(name)}Output`
const takesNothing = ({ input }: ToolModel): boolean => (input.required ?? []).length === 0

const parametersOf = ({ tool, kind }: ClientFunction): string => {
  const input = kind === 'rows' || kind === 'arrow' ? streamInputOf(tool) : inputOf(tool)
  return `input${takesNothing(tool) ? '?' : ''}: ${input}, options?: CallOptions`
}

/** Arguments that a stream of rows takes no part in: it has neither pages nor the limits of one. */
const unstreamed = ['cursor', 'format', 'max_tokens', 'max_cell_bytes']

const streamInputOf = (tool: ToolModel): string => {
  const left = unstreamed.filter((name) => tool.input.properties?.[name] !== undefined)
  return left.length === 0 ? inputOf(tool) : `Omit<${inputOf(tool)}, ${left.map((name) => `'${name}'`).join(' | ')}>`
}

const resultOf = ({ tool, kind }: ClientFunction): string =>
  ({
    call: `Promise<${outputOf(tool)}>`,
    pages: `AsyncGenerator<${outputOf(tool)}, void, undefined>`,
    rows: `Promise<RowStream<${outputOf(tool)}>>`,
    arrow: 'Promise<Response>',
  })[kind]

/** What a function does, with an example, as a doc comment; `given` stands before its arguments. */
const docOf = ({ tool, kind, name }: ClientFunction, indent: string, given: string): string[] => {
  const said = {
    call: tool.description,
    pages: `The answers of \`${tool.name}\`, one after the other, to the last: \`for await (const page of ...)\`.`,
    rows: `All rows of \`${tool.name}\`, one by one as they arrive: \`for await (const row of ...)\`. Leaving the loop ends the query.`,
    arrow: `All rows of \`${tool.name}\` as an Arrow IPC stream, for a library that reads one.`,
  }[kind]
  const [example] = tool.examples
  const lines = [
    said,
    ...(kind === 'call' ? [`@throws DatafaceError with ${tool.errors.join(', ')}`] : []),
    ...(tool.deprecated === undefined ? [] : [deprecationOf(tool)]),
    ...(kind === 'call' && example !== undefined
      ? ['@example', '```ts', `await ${given}${name}(${exampleArguments(given, example.input)})`, '```']
      : []),
  ]
  const shown = lines.map((line) => line.replaceAll('*/', '* /'))
  return shown.length === 1
    ? [`${indent}/** ${shown[0]} */`]
    : [`${indent}/**`, ...shown.map((line) => `${indent} * ${line}`), `${indent} */`]
}

const exampleArguments = (given: string, input: unknown): string => {
  const argument = Object.keys(input as object).length === 0 ? [] : [javascriptLiteral(input)]
  return [...(given === '' ? ['transport'] : []), ...argument].join(', ')
}

const deprecationOf = ({ deprecated }: ToolModel): string =>
  ['@deprecated', deprecated?.replacement && `Use ${deprecated.replacement}.`, deprecated?.sunset && `Served until ${deprecated.sunset}.`]
    .filter(Boolean)
    .join(' ')

const bodyOf = ({ tool, kind }: ClientFunction): string => {
  const call = (input: string): string => `${tool.annotations.idempotent ? 'repeat' : 'once'}(transport, '${tool.name}', ${input}, options)`
  if (kind === 'call') return call('input')
  if (kind === 'pages') return `pagesOf((input) => ${call('input')}, ${takesNothing(tool) ? 'input ?? {}' : 'input'})`
  return `${kind === 'rows' ? 'openRows' : 'openArrow'}(transport, '${tool.name}', input, options)`
}

/** Every function once; of several versions of a tool the first that is given says how it is called. */
const uniqueFunctions = (tools: readonly ToolModel[]): ClientFunction[] => {
  const functions = tools.flatMap(functionsOf)
  return functions.filter(({ name }, index) => functions.findIndex((other) => other.name === name) === index)
}

/** The functions, each of which stands alone, so that a bundler drops those that a program does not call. */
export const toolsModule = (tools: readonly ToolModel[]): string[] => {
  const functions = uniqueFunctions(tools)
  const streams = ['openArrow', 'openRows', 'pagesOf'].filter((name) => functions.some((one) => bodyOf(one).startsWith(`${name}(`)))
  return [
    ...(streams.length === 0 ? [] : [`import { ${streams.join(', ')} } from './streams.js'`, '']),
    ...(['repeat', 'once'] as const)
      .filter((name) => functions.some((one) => bodyOf(one).includes(`${name}(`)))
      .flatMap((name) => [
        `const ${name} = async (transport, tool, input, options) =>`,
        `  (await transport.call(tool, input, { repeatable: ${name === 'repeat'}, ...options })).data`,
      ]),
    ...functions.flatMap((one) => ['', `export const ${one.name} = (transport, input, options) => ${bodyOf(one)}`]),
  ]
}

/** The declarations of the functions. */
export const toolsDeclarations = (tools: readonly ToolModel[]): string[] => [
  ...importsOf(tools),
  "import type { CallOptions, Transport } from './transport.js'",
  ...tools
    .flatMap(functionsOf)
    .flatMap((one) => [
      '',
      ...docOf(one, '', ''),
      `export declare const ${one.name}: (transport: Transport, ${parametersOf(one)}) => ${resultOf(one)}`,
    ]),
]

const importsOf = (tools: readonly ToolModel[]): string[] => [
  ...(tools.some(({ streams }) => streams) ? ["import type { RowStream } from './streams.js'"] : []),
  `import type { ${tools.flatMap((tool) => [inputOf(tool), outputOf(tool)]).join(', ')} } from './types.js'`,
]

/** The class that has every tool as a method. `earlier`: versions of them that it can be asked for as well. */
export const clientModule = (tools: readonly ToolModel[], earlier: readonly ToolModel[] = []): string[] => [
  "import * as tools from './tools.js'",
  "import { createTransport } from './transport.js'",
  '',
  `const repeatable = (tool) => ${JSON.stringify(tools.filter(({ annotations }) => annotations.idempotent).map(({ name }) => name))}.includes(tool)`,
  '',
  'export class Dataface {',
  '  constructor(options) {',
  '    this.transport = createTransport(options, options.version)',
  '  }',
  '  call(tool, input, options) {',
  '    return this.transport.call(tool, input, { repeatable: repeatable(tool), ...options })',
  '  }',
  ...uniqueFunctions([...tools, ...earlier]).flatMap(({ name }) => [
    `  ${name}(input, options) {`,
    `    return tools.${name}(this.transport, input, options)`,
    '  }',
  ]),
  '}',
]

/** The class of an earlier version: its methods are those of the newest, its declarations are not. */
export const earlierClientModule = (version: number): string[] => [
  "import { Dataface as Newest } from '../client.js'",
  '',
  'export class Dataface extends Newest {',
  '  constructor(options) {',
  `    super({ ...options, version: ${version} })`,
  '  }',
  '}',
]

/** `earlier`: versions that the constructor can be asked for as well, with the types of that version. */
export const clientDeclarations = (tools: readonly ToolModel[], newest = 1, earlier: readonly number[] = []): string[] => [
  ...earlier.map((version) => `import type { Dataface as DatafaceV${version} } from './v${version}/client.js'`),
  ...importsOf(tools),
  "import type { Answer, CallOptions, DatafaceOptions, Transport } from './transport.js'",
  '',
  '/** The input of each tool, by name. */',
  'export interface Inputs {',
  ...tools.map((tool) => `  ${tool.name}: ${inputOf(tool)}`),
  '}',
  '',
  '/** The data of each tool, by name. */',
  'export interface Outputs {',
  ...tools.map((tool) => `  ${tool.name}: ${outputOf(tool)}`),
  '}',
  '',
  'export type ToolName = keyof Inputs',
  '',
  '/** A client of one server, with a method for each tool. It holds no connections and needs no closing. What fails throws a `DatafaceError`. */',
  earlier.length === 0 ? 'export declare class Dataface {' : 'export interface Dataface {',
  '  /** For the functions that stand alone, and for tools that this client does not know. */',
  '  readonly transport: Transport',
  ...(earlier.length === 0 ? ['  constructor(options: DatafaceOptions)'] : []),
  '  /** Calls a tool by name and gives the whole answer: data, warnings, meta and the response. */',
  '  call<Name extends ToolName>(tool: Name, input: Inputs[Name], options?: CallOptions): Promise<Answer<Outputs[Name]>>',
  ...tools
    .flatMap(functionsOf)
    .flatMap((one) => [...docOf(one, '  ', 'dataface.'), `  ${one.name}(${parametersOf(one)}): ${resultOf(one)}`]),
  '}',
  ...(earlier.length === 0 ? [] : ['', ...constructorOf(newest, earlier)]),
]

/** One signature for each version, since a class has one type. */
const constructorOf = (newest: number, earlier: readonly number[]): string[] => [
  'export declare const Dataface: {',
  `  /** A client for version ${newest} of the contracts. */`,
  `  new (options: DatafaceOptions & { version?: ${newest} | undefined }): Dataface`,
  ...earlier.flatMap((version) => [
    `  /** A client for version ${version} of the contracts, with the types of that version. */`,
    `  new (options: DatafaceOptions & { version: ${version} }): DatafaceV${version}`,
  ]),
  '  readonly prototype: Dataface',
  '}',
]

/** The names under which a program calls a tool. */
export const functionNamesOf = (tool: ToolModel): string[] => functionsOf(tool).map(({ name }) => name)
