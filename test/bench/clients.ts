import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { listCosts, tokenBudget } from '../../codegen/function-tokens.ts'
import { compileModel } from '../../codegen/model.ts'
import { contracts, hostContracts } from '../../contracts/catalog.ts'
import { clientPrograms, packedBytes } from '../support/packed-bytes.ts'
import { root } from '../support/project-files.ts'
import { compilers, type TypedClient, typeCostOf, writeConsumer } from '../support/type-cost.ts'
import { completionMs } from './editor-completion.ts'
import { type Aim, aimAtMost, median } from './figures.ts'

const tools = 1200

/**
 * Peers with the same twenty calls, measured once on two cores in November 2026: tools, instantiations, seconds of checking
 * with TypeScript 5.9 and 7, megabytes with 5.9, and milliseconds to a completion after an edit.
 */
const typePeers = [
  ['tRPC 11, inferred', 1200, '3,320,000', '17.7 / 12.5', '1500', ''],
  ['oRPC 1.16', 1200, '2,410,000', '7.1 with 7', '', ''],
  ['openapi-typescript 7, openapi-fetch', 1200, '142,000', '0.92 with 7', '', ''],
  ['hey-api 0.99', 300, '123,851', '1.31 / 0.21', '163', '22'],
  ['openapi-typescript 7, openapi-fetch', 300, '62,761', '0.82 / 0.17', '142', '1640'],
  ['oRPC 1.16', 300, '614,904', '2.82 / 1.38', '459', '2758'],
  ['tRPC 11, inferred', 300, '852,909', '4.89 / 1.54', '476', '3319'],
  ['hono hc 4.13', 300, '5,344,973', '16.7 / 7.1', '1371', '21494'],
  ['ts-rest 3.52', 300, '2,700,100', '17.5 / 16.8', '920', '26112'],
] as const

const sizePeers = [
  ['hono hc', 2049],
  ['openapi-fetch', 2616],
  ['hey-api, 1 of 300 functions', 3932],
  ['ky', 5063],
  ['tRPC, httpBatchLink', 7202],
  ['oRPC, RPC link', 8284],
  ['ts-rest, with zod 3', 15_895],
  ['openai 6 (Stainless)', 35_852],
  ['mistral 2.7 (Speakeasy)', 197_917],
] as const

const importPeers = [
  ['http, json and dataclasses of the standard library', 90],
  ['httpx2', 120],
  ['pydantic', 180],
  ['openai 3.22', 1140],
  ['anthropic 1.13', 1940],
] as const

const typeRows = async (client: TypedClient): Promise<{ rows: string[]; aims: Aim[] }> => {
  const consumer = writeConsumer(client, tools)
  try {
    const rows: string[] = []
    const aims: Aim[] = []
    for (const compiler of compilers) {
      const { instantiations, checkSeconds, megabytes } = typeCostOf(consumer, compiler)
      const ms = await completionMs(consumer, compiler)
      const name = `${client}, TypeScript ${compiler === 'typescript' ? 7 : 5.9}`
      rows.push(`| ${name} | ${tools} | ${instantiations} | ${checkSeconds} | ${megabytes.toFixed(0)} | ${ms.toFixed(0)} |`)
      aims.push(
        aimAtMost(`${name}, ${tools} tools, instantiations of 20 calls`, instantiations, 300),
        aimAtMost(`${name}, ${tools} tools, names offered after an edit, ms`, ms, 100),
      )
    }
    return { rows, aims }
  } finally {
    consumer.remove()
  }
}

const pythonImportMs = (): number => {
  // Compiled once, as it is where a package is installed, and not beside its sources.
  const cache = mkdtempSync(join(tmpdir(), 'python-cache-'))
  const env = { PATH: process.env.PATH, PYTHONPATH: resolve(root, 'clients/python/src'), PYTHONPYCACHEPREFIX: cache }
  const program = 'import time; t = time.perf_counter(); import dataface; print((time.perf_counter() - t) * 1000)'
  const once = (): number => Number(execFileSync('python3', ['-c', program], { env, encoding: 'utf8' }))
  once()
  const times = Array.from({ length: 5 }, once)
  rmSync(cache, { recursive: true, force: true })
  return median(times)
}

/** What the generated clients and function schemas cost those who use them, beside their peers. */
export const measureClients = async (): Promise<{ report: string; aims: Aim[] }> => {
  const types = [await typeRows('typescript'), await typeRows('trpc')]
  const sizes = new Map<string, number>()
  for (const [name, program] of Object.entries(clientPrograms)) sizes.set(name, await packedBytes(program))
  const size = (name: keyof typeof clientPrograms): number => sizes.get(name) as number
  const perTool = (size('everything') - size('core')) / contracts.length
  const costs = listCosts(compileModel([...contracts, ...hostContracts]))
  const importMs = pythonImportMs()
  return {
    report: [
      '## Types of a client, twenty of its tools called',
      '',
      '| client | tools | instantiations | check, s | MB | completion after an edit, ms |',
      '| --- | ---: | ---: | ---: | ---: | ---: |',
      ...types.flatMap(({ rows }) => rows),
      ...typePeers.map((peer) => `| ${peer.join(' | ')} |`),
      '',
      '## TypeScript client, bytes after gzip',
      '',
      '| program | bytes |',
      '| --- | ---: |',
      ...[...sizes, ...sizePeers].map(([name, bytes]) => `| ${name} | ${bytes} |`),
      '',
      '## Python client, ms to import',
      '',
      '| package | ms |',
      '| --- | ---: |',
      `| dataface | ${importMs.toFixed(0)} |`,
      ...importPeers.map(([name, ms]) => `| ${name} | ${ms} |`),
      '',
      '## Function definitions, tokens of o200k',
      '',
      '| dialect | list | a tool |',
      '| --- | ---: | ---: |',
      ...costs.map(({ dialect, tokens, mean }) => `| ${dialect} | ${tokens} | ${mean.toFixed(0)} |`),
      '',
    ].join('\n'),
    aims: [
      ...types.flatMap((one) => one.aims),
      aimAtMost('TypeScript client, core, bytes after gzip', size('core'), 3 * 1024),
      aimAtMost('TypeScript client, bytes a tool', perTool, 0.1 * 1024),
      aimAtMost('Python client, ms to import', importMs, 150),
      aimAtMost('dearest list of definitions, tokens a tool', Math.max(...costs.map(({ mean }) => mean)), tokenBudget),
    ],
  }
}
