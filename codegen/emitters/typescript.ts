import { type GeneratedFile, jsonFile, markdownFile, originComment, typescriptFile } from '../generated-file.ts'
import { type Model, modelAt, type ToolModel, versionsOf } from '../model.ts'
import { sharedTypes, toolDeclarations, typeNamesOf, typescriptDeclarations } from '../typescript-types.ts'
import {
  clientDeclarations,
  clientModule,
  earlierClientModule,
  functionNamesOf,
  toolsDeclarations,
  toolsModule,
} from './typescript-client.ts'

const folder = 'clients/typescript'

/**
 * A TypeScript client, as JavaScript with flat declarations, so that nothing is inferred in the programs that use it.
 * Earlier versions of the contracts are clients of their own in folders below: `@dataface/client/v1`. `runtime`: its modules
 * that are the same whatever the contracts are, compiled, file name to text.
 */
export const emitTypescript = (model: Model, version: string, runtime: Readonly<Record<string, string>>): GeneratedFile[] => {
  const versions = versionsOf(model)
  const newest = versions.at(-1) ?? 1
  const earlier = versions.slice(0, -1)
  return [
    ...runtimeFiles(runtime, newest),
    typescriptFile(`${folder}/types.d.ts`, typescriptDeclarations(model, 'given')),
    typescriptFile(`${folder}/tools.js`, toolsModule([...model.tools, ...model.earlier])),
    typescriptFile(`${folder}/tools.d.ts`, toolsDeclarations(model.tools)),
    typescriptFile(`${folder}/client.js`, clientModule(model.tools, model.earlier)),
    typescriptFile(`${folder}/client.d.ts`, clientDeclarations(model.tools, newest, earlier)),
    ...indexFiles(folder),
    ...earlier.flatMap((one) => earlierFiles(model, one, Object.keys(runtime))),
    jsonFile(`${folder}/package.json`, {
      name: '@dataface/client',
      version,
      description: 'Typed, read-only access to the data sources and dashboards of a Dataface server.',
      '//': originComment,
      license: 'Apache-2.0',
      type: 'module',
      sideEffects: false,
      exports: {
        '.': { types: './index.d.ts', default: './index.js' },
        ...Object.fromEntries(earlier.map((one) => [`./v${one}`, { types: `./v${one}/index.d.ts`, default: `./v${one}/index.js` }])),
        './package.json': './package.json',
      },
      types: './index.d.ts',
      files: ['*.js', '*.d.ts', ...earlier.flatMap((one) => [`v${one}/*.js`, `v${one}/*.d.ts`])],
      engines: { node: '>=20' },
    }),
    markdownFile(`${folder}/README.md`, readme(model)),
  ]
}

/** The modules that are the same whatever the contracts are, but for the version that is asked for. */
const runtimeFiles = (runtime: Readonly<Record<string, string>>, apiVersion: number): GeneratedFile[] =>
  Object.entries(runtime).map(([name, text]) =>
    typescriptFile(`${folder}/${name}`, [text.replace('apiVersion = 1', `apiVersion = ${apiVersion}`).trimEnd()]),
  )

/** The client for an earlier version, which takes what is the same from the files beside its folder. */
const earlierFiles = (model: Model, apiVersion: number, runtime: readonly string[]): GeneratedFile[] => {
  const at = `${folder}/v${apiVersion}`
  const then = modelAt(model, apiVersion)
  const isSame = (tool: ToolModel): boolean => model.tools.includes(tool)
  const same = then.tools.filter(isSame)
  const other = then.tools.filter((tool) => !isSame(tool))
  return [
    ...runtime.map((name) => typescriptFile(`${at}/${name}`, passedOn(name, apiVersion))),
    typescriptFile(`${at}/types.d.ts`, [
      `export type { ${[...sharedTypes, ...same.flatMap(typeNamesOf)].join(', ')} } from '../types.js'`,
      ...toolDeclarations(other, 'given'),
    ]),
    // What a tool is called by is the same in every version; what it takes and gives is not.
    typescriptFile(`${at}/tools.js`, [`export { ${then.tools.flatMap(functionNamesOf).join(', ')} } from '../tools.js'`]),
    typescriptFile(`${at}/tools.d.ts`, [
      `export { ${same.flatMap(functionNamesOf).join(', ')} } from '../tools.js'`,
      ...toolsDeclarations(other),
    ]),
    typescriptFile(`${at}/client.js`, earlierClientModule(apiVersion)),
    typescriptFile(`${at}/client.d.ts`, clientDeclarations(then.tools)),
    ...indexFiles(at),
  ]
}

/** A module of the folder above; its transport asks for another version. */
const passedOn = (name: string, apiVersion: number): string[] => {
  const all = `export * from '../${name.replace(/\.d\.ts$|\.js$/, '.js')}'`
  if (name === 'transport.js')
    return [
      "import { createTransport as create } from '../transport.js'",
      all,
      `export const createTransport = (client) => create(client, ${apiVersion})`,
    ]
  return name === 'transport.d.ts'
    ? [
        "import type { DatafaceOptions, Transport } from '../transport.js'",
        all,
        'export declare const createTransport: (client: DatafaceOptions) => Transport',
      ]
    : [all]
}

const indexFiles = (at: string): GeneratedFile[] => [
  typescriptFile(`${at}/index.js`, exported),
  typescriptFile(`${at}/index.d.ts`, exportedTypes),
]

const exported = [
  "export { Dataface } from './client.js'",
  "export { DatafaceError, isDatafaceError, safe } from './errors.js'",
  "export * from './tools.js'",
  "export { createTransport } from './transport.js'",
]

const exportedTypes = [
  "export { Dataface, type Inputs, type Outputs, type ToolName } from './client.js'",
  "export { type AnyErrorCode, type ClientErrorCode, DatafaceError, isDatafaceError, type Safe, safe } from './errors.js'",
  "export type { RowStream } from './streams.js'",
  "export * from './tools.js'",
  "export { type Answer, type Attempt, type CallOptions, createTransport, type DatafaceOptions, type Hooks, type Transport } from './transport.js'",
  "export type * from './types.js'",
]

const readme = (model: Model): string[] => [
  '# TypeScript client',
  '',
  'ES modules and declarations without dependencies, for Node 20 and later, Deno, Bun, Workers and browsers. `npm install ./clients/typescript`, or copy the folder.',
  '',
  '```ts',
  "import { Dataface, isDatafaceError } from '@dataface/client'",
  '',
  "const dataface = new Dataface({ url: 'http://127.0.0.1:4321' })",
  "const { rows } = await dataface.executeQuery({ source: 'vega', sql: 'SELECT count(*) AS flights FROM flights_3m' })",
  'console.log(rows)',
  '',
  'try {',
  "  await dataface.executeQuery({ source: 'vega', sql: 'SELEC 1' })",
  '} catch (error) {',
  "  if (!isDatafaceError(error, 'SQL_ERROR')) throw error",
  '  console.log(error.code, error.position, error.hint)',
  '}',
  '```',
  '',
  '**Rows, all of them.** As they arrive, in constant memory; leaving the loop ends the query. Or page by page, by cursor:',
  '',
  '```ts',
  "import { Dataface } from '@dataface/client'",
  '',
  "const dataface = new Dataface({ url: 'http://127.0.0.1:4321' })",
  "const flights = await dataface.executeQueryRows({ source: 'vega', sql: 'SELECT origin, delay FROM flights_3m LIMIT 100000' })",
  'let late = 0',
  'for await (const [, delay] of flights) if (Number(delay) > 60) late++',
  'console.log(late, flights.answer?.data.row_count)',
  '',
  "for await (const page of dataface.listTablesPages({ source: 'vega', limit: 2 })) console.log(page.tables.map(({ name }) => name))",
  '```',
  '',
  '`executeQueryArrow` gives the response that `RecordBatchReader.from` of apache-arrow takes.',
  '',
  '**Errors as values, the whole answer, limits of one call:**',
  '',
  '```ts',
  "import { Dataface, safe } from '@dataface/client'",
  '',
  "const dataface = new Dataface({ url: 'http://127.0.0.1:4321', retries: 3, hooks: { onRetry: (_, error) => console.warn(error.code) } })",
  "const described = await safe(dataface.describeTable({ source: 'vega', table: 'moviez' }))",
  'console.log(described.ok ? described.data.columns.length : described.error.hint)',
  '',
  "const answer = await dataface.call('list_sources', {}, { timeoutMs: 5000, signal: AbortSignal.timeout(10_000) })",
  'console.log(answer.meta.contract, answer.warnings.length, answer.response.status)',
  '```',
  '',
  '**Only what is used.** The functions stand alone, and a bundler drops the others:',
  '',
  '```ts',
  "import { createTransport, listSources } from '@dataface/client'",
  '',
  "const { sources } = await listSources(createTransport({ url: 'http://127.0.0.1:4321' }))",
  'console.log(sources[0]?.name)',
  '```',
  '',
  '- **Errors** are `DatafaceError`, told by `isDatafaceError(error, code?)` whichever copy of the package made them, with `code`, `hint`, `position`, `retryable`, `requestId`, `status`. What arises in the client has the codes `CONNECTION_FAILED`, `DEADLINE_EXCEEDED` and `BAD_RESPONSE`.',
  `- **Retries**: two, where the answer says that the same call may succeed later, and where none came; with jitter, as the server asks by Retry-After. ${keysNeeded(model.tools)}`,
  '- **Time**: `timeoutMs` holds for all attempts and the body; 60,000 unless said, and none for streams. A `signal` that aborts ends the query in the database, and its reason is thrown.',
  ...versionNote(versionsOf(model)),
  '- **Answers may gain keys and values**: nothing is validated here, so a later server does not break an earlier client.',
]

const versionNote = (versions: readonly number[]): string[] => {
  const [oldest] = versions
  return versions.length < 2
    ? []
    : [
        `- **Versions**: this client asks for version ${versions.at(-1)} of the contracts; \`new Dataface({ url, version: ${oldest} })\` for version ${oldest}, with its types, as \`import { Dataface } from '@dataface/client/v${oldest}'\` does, which also has its functions.`,
      ]
}

const keysNeeded = (tools: Model['tools']): string => {
  const once = tools.filter(({ annotations }) => !annotations.idempotent).map(({ name }) => `\`${name}\``)
  return once.length === 0
    ? 'Every tool can be sent twice with the effect of one, so none needs a key; `idempotencyKey` sends one for a gateway that looks at it.'
    : `${once.join(', ')} are not sent again when no answer came, unless \`idempotencyKey\` gives a key, sent with every attempt, for a gateway that looks at it.`
}
