import { createReadStream, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import * as z from 'zod'
import { errorCodeList } from '../../contracts/v1/errors.ts'
import { defaultAuditFile } from '../audit/audit.ts'
import type { RecordFilter } from '../audit/read-table.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { servedTools } from '../generated/handlers.ts'
import { type Command, exitCodes, type Invocation, jsonFlag, numberOf, projectFlag, textOf, UsageError } from './command.ts'
import { formatTable } from './format-table.ts'
import { readNamedProject } from './locate-project.ts'
import { printable } from './terminal.ts'
import { type AuditPlace, reached } from './verify-audit.ts'

const defaultLines = 50
const columns = ['time', 'caller', 'tool', 'source', 'result', 'rows', 'ms', 'sql'].map((title) => ({ title }))

/** What is shown of a line of the file; see docs/access.md. */
const lineSchema = z.object({
  time: z.string(),
  caller: z.string(),
  tool: z.string(),
  source: z.string().optional(),
  sql: z.string().optional(),
  verdict: z.string(),
  errors: z.array(z.string()).optional(),
  repeated: z.number().optional(),
  rows: z.number(),
  elapsed_ms: z.number(),
})
type Line = z.infer<typeof lineSchema>

export const command: Command = {
  usage: '[verify]',
  positionals: [0, 1],
  flags: {
    caller: { value: 'CALLER', about: 'Only calls of this caller: key:ID, user:NAME, client:NAME, local.' },
    tool: { value: 'TOOL', about: 'Only calls of this tool.' },
    source: { value: 'SOURCE', about: 'Only calls for this source.' },
    code: { value: 'CODE', about: 'Only calls that failed with this code; "any" for all that failed.' },
    since: { value: 'TIME', about: 'Only calls after this: 30m, 2h, 7d, or a time as in the file.' },
    limit: { value: 'N', about: `Calls at most, the last ones. Default ${defaultLines}.` },
    head: { value: 'HEAD', about: 'Of verify: what an earlier verify gave as the head, which must still be in the chain.' },
    project: projectFlag,
    json: { ...jsonFlag, about: 'Print the records as they are; of verify, what was found.' },
  },
  details: [
    'The last call comes first. Statements are kept without their values. See docs/access.md.',
    'verify reads all records that are kept in Postgres, and tells which were changed, removed, put in or moved; exit code 1',
    'when any was.',
  ],
  examples: ['dft audit', 'dft audit --caller key:4f0q2m8dxk --since 2h', 'dft audit --code any --json', 'dft audit verify'],
  async run(invocation) {
    const { terminal, flags, positionals } = invocation
    const [verb] = positionals
    if (verb !== undefined && verb !== 'verify') throw new UsageError(`dft audit does not take "${verb}".`, 'Usage: dft audit [verify]')
    const ofOther = (verb === undefined ? ['head'] : ['caller', 'tool', 'source', 'code', 'since', 'limit']).find(
      (name) => flags[name] !== undefined,
    )
    if (ofOther !== undefined) throw new UsageError(`--${ofOther} is of dft audit${verb === undefined ? ' verify' : ', without verify'}.`)
    if (verb === 'verify') return (await import('./verify-audit.ts')).verifyAudit(invocation, await placeOf(invocation))
    const found = await recordsOf(invocation)
    if (flags.json === true) terminal.out(found.map(({ text }) => `${text}\n`).join(''))
    else if (found.length === 0) terminal.err(`No calls.${unknownNames(invocation)}\n`)
    else
      terminal.out(
        formatTable(
          columns,
          found.map(({ line }) => cellsOf(line)),
          terminal,
        ),
      )
    return exitCodes.ok
  },
}

interface Found {
  readonly text: string
  readonly line: Line
}

/** The last records that are wanted, the last first. */
const recordsOf = async (invocation: Invocation): Promise<readonly Found[]> => {
  const limit = numberOf(invocation, 'limit', 1, 1_000_000) ?? defaultLines
  const filter = filterOf(invocation)
  const place = await placeOf(invocation)
  const found: Found[] = []
  const add = (text: string): void => {
    const line = lineOf(text)
    if (line !== undefined && isWanted(line, filter)) found.push({ text, line })
  }
  if ('url' in place) {
    const { readTable } = await import('../audit/read-table.ts')
    for (const text of await reached(readTable(place, filter, limit))) add(text)
    return found
  }
  for await (const text of createInterface({ input: createReadStream(place.file) })) {
    add(text)
    if (found.length > limit) found.shift()
  }
  return found.reverse()
}

const cellsOf = ({
  time,
  caller,
  tool,
  source = '',
  sql = '',
  verdict,
  errors = [],
  repeated,
  rows,
  elapsed_ms: ms,
}: Line): readonly string[] => {
  const result = errors.length === 0 ? verdict : `${errors.join(' ')}${repeated === undefined ? '' : ` x ${repeated}`}`
  return [time, caller, tool, source, result, String(rows), ms.toFixed(1), sql].map(printable)
}

/** Where the records of the project that is meant are. Throws `UsageError` when it keeps none, or none yet. */
const placeOf = async (invocation: Invocation): Promise<AuditPlace> => {
  const { config, dir } = await readNamedProject(invocation)
  if (config.audit === undefined)
    throw new UsageError('This project keeps no record of calls.', 'Write "audit: {}" into dataface.yml, and start its server anew.')
  if (config.audit.url !== undefined) return { url: config.audit.url, project: config.name }
  const file = resolve(dir, config.audit.file ?? defaultAuditFile)
  const found = statSync(file, { throwIfNoEntry: false })
  if (found === undefined) throw new UsageError('No call was recorded yet.', 'Its server writes the first.')
  if (found.isDirectory()) throw new UsageError('What audit.file names is a folder.', 'Name a file.')
  return { file }
}

/** A line that was written; what a crash left of one is none. */
const lineOf = (text: string): Line | undefined => {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

const filterOf = (invocation: Invocation): RecordFilter => ({
  caller: textOf(invocation, 'caller'),
  tool: textOf(invocation, 'tool'),
  source: textOf(invocation, 'source'),
  code: codeOf(textOf(invocation, 'code')),
  since: sinceOf(textOf(invocation, 'since')),
})

/** What is said where nothing was found: a tool that is not there may have been called, and is more often a slip. */
const unknownNames = (invocation: Invocation): string => {
  const tool = textOf(invocation, 'tool')
  const names = servedTools.map(({ name }) => name)
  if (tool === undefined || names.includes(tool)) return ''
  const near = nearestName(tool, names)
  return ` No tool is named "${tool}".${near === undefined ? '' : ` Did you mean "${near}"?`}`
}

/** Throws `UsageError` for what no call can have failed with. */
const codeOf = (code: string | undefined): string | undefined => {
  if (code === undefined || code === 'any' || errorCodeList.some((one) => one === code)) return code
  const near = nearestName(code, ['any', ...errorCodeList])
  throw new UsageError(`There is no code "${code}".`, near === undefined ? 'docs/errors lists them.' : `Did you mean "${near}"?`)
}

const isWanted = (line: Line, { caller, tool, source, code, since }: RecordFilter): boolean =>
  (caller === undefined || line.caller === caller) &&
  (tool === undefined || line.tool === tool) &&
  (source === undefined || line.source === source) &&
  (code === undefined || (code === 'any' ? (line.errors ?? []).length > 0 : line.errors?.includes(code) === true)) &&
  (since === undefined || Date.parse(line.time) >= since)

const unitsMs: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds since 1970. */
const sinceOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const time = count === undefined ? Date.parse(text) : Date.now() - Number(count) * (unitsMs[unit] as number)
  if (Number.isNaN(time))
    throw new UsageError(`--since does not take "${text}".`, 'Give 30m, 2h, 7d, or a time such as 2026-11-21T09:00:00Z.')
  return time
}
