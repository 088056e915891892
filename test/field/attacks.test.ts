/**
 * The attacks of the field through dispatch, guard on. Those that must be refused never come to the engine; the others
 * may run within their limits. No answer tells what callers may not know.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { defaultLimits } from '../../server/projects/project.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Dialect, Source } from '../../server/sources/source.ts'
import { createPostgres, fill, withClient, withDuckdb } from './databases.ts'
import { type Answer, serveSource } from './serve-source.ts'
import { type Attack, attackScript, canary, policyOf, readAttacks } from './sql-cases.ts'

const limits = { ...defaultLimits, maxRows: 100, timeoutMs: 1_000 }
const folder = mkdtempSync(join(tmpdir(), 'dataface-field-'))
/** The folder that attacks read and write, see @CANARY@ in the cases. */
const scratch = mkdtempSync(join(tmpdir(), 'dataface-scratch-'))
const opened: Source[] = []

beforeAll(() => placeFiles())
afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()))
  for (const path of [folder, scratch]) rmSync(path, { recursive: true, force: true })
})

/** The files that attacks look for. */
const placeFiles = async (): Promise<void> => {
  const note = 'S3CRET-CANARY-7f3a'
  const at = (name: string) => join(scratch, name)
  writeFileSync(at('secret.csv'), `id,note\n1,${note}\n`)
  writeFileSync(at('secret.json'), JSON.stringify([{ id: 1, note }]))
  writeFileSync(at('secret.ndjson'), `${JSON.stringify({ id: 1, note })}\n`)
  mkdirSync(at('imp'))
  writeFileSync(at('imp/schema.sql'), 'CREATE TABLE imported AS SELECT 42 AS x;')
  await withDuckdb(at('other.duckdb'), async (connection) => {
    await connection.run(`CREATE TABLE t AS SELECT '${note}' AS note`)
    await connection.run(`COPY (SELECT 1 AS id, note FROM t) TO '${at('secret.parquet')}'`)
  })
}

const place = (text: string): string => text.replaceAll('@CANARY@', scratch)

const openAttacked: Record<Dialect, () => Promise<Source>> = {
  async postgres() {
    const url = await createPostgres(inject('postgres'))
    await withClient(url, (client) => fill((statement) => client.query(statement), attackScript('postgres').map(place)))
    return openPostgres({ name: 'field', config: { type: 'postgres', url, sslmode: 'disable' }, limits, log: () => {} })
  },
  async duckdb() {
    const path = join(folder, 'attackdb.duckdb')
    await withDuckdb(path, (connection) => fill((statement) => connection.run(statement), attackScript('duckdb').map(place)))
    return openDuckdb({ name: 'field', type: 'duckdb', config: { path }, limits, log: () => {} })
  },
}

/** Asks every attack under its own policy. */
const attack = async (dialect: Dialect): Promise<{ one: Attack; answer: Answer }[]> => {
  const source = await openAttacked[dialect]()
  opened.push(source)
  const served = new Map<string, ReturnType<typeof serveSource>>()
  const answers: { one: Attack; answer: Answer }[] = []
  for (const one of readAttacks(dialect)) {
    const key = JSON.stringify(one.policy)
    const ask = served.get(key) ?? serveSource(source, limits, policyOf(one))
    served.set(key, ask)
    answers.push({ one, answer: await ask(place(one.sql)) })
  }
  return answers
}

/** What an answer may not hold, by what it would tell. */
const secrets: Readonly<Record<string, RegExp>> = {
  'denied data': canary,
  'a file path': /\/(?:tmp|etc|home|usr|var|root|proc|dev|work)\/|\.(?:ts|js|cpp|c|duckdb):\d+|dataface-(?:field|scratch|duckdb)-/,
  'an address': /\b127\.0\.0\.1\b|\blocalhost\b|::1\b/,
  'a port': new RegExp(`\\bport \\d+|\\b(?:55432|${new URL(inject('postgres')).port})\\b`),
  'a process': /\bPID\b|\bpid \d+/i,
  'a login': new RegExp(`\\b(?:ro_agent|app_owner|super-Pa55word|role "\\w+"|${userInfo().username}@)`),
  'a stack': /\n\s+at |\bat \w+ \(/,
}

/** A statement may have a word of its own repeated to it, such as a path in it. */
const findSecret = ({ one, answer }: { one: Attack; answer: Answer }): string | undefined => {
  const told = Object.entries(secrets).find(([, pattern]) => {
    const found = pattern.exec(answer.text)
    return found !== null && !place(one.sql).includes(found[0])
  })
  return told === undefined ? undefined : `${one.id} tells ${told[0]}: ${answer.text.slice(0, 300)}`
}

const exists = (text: string | undefined): text is string => text !== undefined

describe.each([
  ['postgres', 290],
  ['duckdb', 200],
] as const)('%s', (dialect, least) => {
  test('no attack that must be refused comes to the engine, and no answer tells a secret', { timeout: 300_000 }, async () => {
    const files = readdirSync(scratch, { recursive: true })
    const answers = await attack(dialect)
    const mustRefuse = answers.filter(({ one }) => one.expect === 'reject')
    const passed = mustRefuse.filter(({ answer }) => answer.reachedEngine || answer.refusal === undefined)
    expect(passed.map(({ one }) => `${one.id} ${one.sql.slice(0, 100)}`)).toEqual([])
    expect(mustRefuse.length).toBeGreaterThan(least)
    const broken = answers.filter(({ answer }) => answer.refusal?.startsWith('INTERNAL_ERROR'))
    expect(broken.map(({ one }) => one.id)).toEqual([])
    expect(answers.map(findSecret).filter(exists)).toEqual([])
    expect(readdirSync(scratch, { recursive: true })).toEqual(files)
  })
})
