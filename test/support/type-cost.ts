import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { emitTrpc } from '../../codegen/emitters/trpc.ts'
import { emitTypescript } from '../../codegen/emitters/typescript.ts'
import type { GeneratedFile } from '../../codegen/generated-file.ts'
import { clientRuntime, root } from './project-files.ts'
import { calledTools, syntheticModel } from './synthetic-tools.ts'

/** Packages of the two compilers. */
export const compilers = ['typescript', 'typescript-5'] as const
export type Compiler = (typeof compilers)[number]

export type TypedClient = 'typescript' | 'trpc'

/** A program in a folder of its own that calls twenty of many synthetic tools by a generated client and reads what they give. */
export interface Consumer {
  readonly folder: string
  /** The program. */
  readonly file: string
  readonly text: string
  remove(): void
}

/** The client that the emitter makes of so many synthetic tools. */
const clientFiles = (client: TypedClient, tools: number): GeneratedFile[] => {
  const model = syntheticModel(tools)
  return client === 'trpc' ? emitTrpc(model, '0.0.0') : emitTypescript(model, '0.0.0', clientRuntime().typescript)
}

const programOf = (client: TypedClient, tools: number): string[] => {
  const input = (index: number): string => `{ name_${index}: 'a', where_${index}: { least: 1 }, kind_${index}: 'b_${index}' }`
  const reads = (data: string, index: number): string =>
    `const value${index}: string | number | undefined = ${data}.items_${index}[0]?.parent?.id ?? ${data}.totals_${index}.sum_${index}; void value${index}`
  const called = calledTools(tools)
  if (client === 'trpc')
    return [
      "import { createDatafaceClient } from '../clients/trpc/index.js'",
      "const client = createDatafaceClient({ url: '' })",
      ...called.flatMap((index) => [
        `const answer${index} = await client.tool_${index}.query(${input(index)})`,
        `if (answer${index}.success) { ${reads(`answer${index}.data`, index)} }`,
      ]),
    ]
  return [
    "import { Dataface } from '@dataface/client'",
    "const client = new Dataface({ url: '' })",
    ...called.flatMap((index) => [`const data${index} = await client.tool${index}(${input(index)})`, reads(`data${index}`, index)]),
  ]
}

/** Writes a client of synthetic tools and a program that uses it. */
export const writeConsumer = (client: TypedClient, tools: number): Consumer => {
  const folder = mkdtempSync(join(tmpdir(), `${client}-consumer-`))
  for (const { path, content } of clientFiles(client, tools)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  mkdirSync(join(folder, 'node_modules/@dataface'), { recursive: true })
  symlinkSync(resolve(root, 'node_modules/@trpc'), join(folder, 'node_modules/@trpc'), 'dir')
  if (client === 'typescript') symlinkSync(join(folder, 'clients/typescript'), join(folder, 'node_modules/@dataface/client'), 'dir')
  const text = [...programOf(client, tools), 'export {}', ''].join('\n')
  const file = join(folder, 'program/program.ts')
  mkdirSync(dirname(file))
  writeFileSync(file, text)
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        ...{
          target: 'es2022',
          lib: ['es2022', 'dom', 'dom.asynciterable'],
          module: 'nodenext',
          types: [],
          strict: true,
          skipLibCheck: true,
        },
        ...{ noEmit: true, exactOptionalPropertyTypes: true, allowImportingTsExtensions: true },
      },
      files: ['program/program.ts'],
    }),
  )
  return { folder, file, text, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export interface TypeCost {
  readonly instantiations: number
  readonly checkSeconds: number
  readonly megabytes: number
}

/** What a compiler says that a consumer costs. Throws what it has against it. */
export const typeCostOf = ({ folder }: Consumer, compiler: Compiler): TypeCost => {
  const tsc = resolve(root, 'node_modules', compiler, 'bin/tsc')
  const report = execFileSync(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics'], { encoding: 'utf8' })
  const figure = (name: string): number => Number(new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(report)?.[1])
  return {
    instantiations: figure('Instantiations'),
    checkSeconds: figure('Check time'),
    megabytes: figure('Memory used') / 1024,
  }
}
