/**
 * The field cases against the guard on real databases. Every must-refuse attack is refused under its own policy, and
 * every honest query passes with the tables it was written for.
 */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Fault } from '../../server/envelope/fault.ts'
import { checkReadOnly } from '../../server/guards/read-only.ts'
import { defaultLimits, type OpenSource } from '../../server/projects/project.ts'
import { CatalogStore } from '../../server/sources/catalog-store.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import { type ProvenSource, provenSource } from '../../server/sources/proven-source.ts'
import type { TablePolicy } from '../../server/sources/table-policy.ts'
import { startPostgres } from '../support/global-postgres.ts'
import { readCases, readText } from './cases.ts'
import { statementsOf } from './sql-script.ts'

interface Case {
  readonly id: string
  readonly dialect: 'postgres' | 'duckdb'
  readonly sql: string
}

interface Attack extends Case {
  readonly category: string
  readonly expect: 'reject' | 'reject_or_harmless'
  readonly policy: {
    readonly allowed_schemas?: readonly string[]
    readonly allowed_tables?: readonly string[]
    readonly denied_tables?: readonly string[]
    readonly denied_columns?: readonly string[]
  }
}

interface Benign extends Case {
  readonly setup?: string
  readonly setup_upto?: number
}

interface Setup {
  readonly id: string
  readonly base?: string
  readonly statements: readonly string[]
}

let postgres: { url: string; stop(): Promise<void> }
let admin: pg.Client
const folder = mkdtempSync(join(tmpdir(), 'dataface-field-'))
const opened: ProvenSource[] = []
const setups = new Map<string, Setup>()

beforeAll(async () => {
  postgres = await startPostgres()
  admin = new pg.Client({ connectionString: postgres.url })
  await admin.connect()
  for (const setup of readCases<Setup>('sql/setup/setups.jsonl')) setups.set(setup.id, setup)
}, 120_000)

afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()))
  await admin?.end()
  await postgres?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const databaseUrl = (name: string): string => {
  const url = new URL(postgres.url)
  url.pathname = `/${name}`
  return url.href
}

const templates = new Map<string, string>()
/** A database that others are copied from, made once per base script. */
const templateOf = async (base: string): Promise<string> => {
  const made = templates.get(base) ?? new URL(await fillPostgres(statementsOf(readText(`sql/setup/${base}`)))).pathname.slice(1)
  templates.set(base, made)
  return made
}

/** A fresh database with these statements run, errors ignored: some need extensions that are not there. */
const fillPostgres = async (statements: readonly string[], template = 'template1'): Promise<string> => {
  const name = `f${randomBytes(6).toString('hex')}`
  await admin.query(`CREATE DATABASE ${name} TEMPLATE ${template}`)
  const client = new pg.Client({ connectionString: databaseUrl(name) })
  client.on('error', () => {})
  await client.connect()
  for (const statement of statements) await client.query(statement).catch(() => {})
  await client.end()
  return databaseUrl(name)
}

const fillDuckdb = async (name: string, statements: readonly string[]): Promise<string> => {
  const path = join(folder, `${name}.duckdb`)
  if (existsSync(path)) rmSync(path)
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  for (const statement of statements) await connection.run(statement).catch(() => {})
  connection.disconnectSync()
  instance.closeSync()
  return path
}

const open = (dialect: Case['dialect'], where: string): ProvenSource => {
  const options = { name: 'field', limits: defaultLimits, log: () => {} }
  const source =
    dialect === 'postgres'
      ? openPostgres({ ...options, config: { type: 'postgres', url: where } })
      : openDuckdb({ ...options, type: 'duckdb', config: { path: where } })
  const proven = provenSource(source, true)
  opened.push(proven)
  return proven
}

const withPolicy = (source: ProvenSource, policy: TablePolicy = {}): Pick<OpenSource, 'source' | 'catalog'> => ({
  source,
  catalog: new CatalogStore(source, policy),
})

const policyOf = ({ policy }: Attack): TablePolicy => ({
  schemas: policy.allowed_schemas,
  tables: { deny: policy.denied_tables, allow: policy.allowed_tables },
  ...(policy.denied_columns !== undefined && { columns: { deny: policy.denied_columns } }),
})

/** The code a text is refused with, or undefined when it passes the guard. */
const verdict = async (source: Pick<OpenSource, 'source' | 'catalog'>, sql: string): Promise<string | undefined> => {
  try {
    await checkReadOnly(source, sql, AbortSignal.timeout(30_000))
    return undefined
  } catch (error) {
    if (error instanceof Fault) return `${error.code} ${error.message}`
    throw error
  }
}

describe.each(['postgres', 'duckdb'] as const)('%s', (dialect) => {
  test('no attack passes', { timeout: 300_000 }, async () => {
    const script = statementsOf(readText(`sql/setup/attacks_${dialect}.sql`))
    const source = open(dialect, dialect === 'postgres' ? await fillPostgres(script) : await fillDuckdb('attackdb', script))
    const guarded = new Map<string, Pick<OpenSource, 'source' | 'catalog'>>()
    const passed: string[] = []
    const cases = readCases<Attack>('sql/attacks.jsonl').filter(
      (found) => found.dialect === dialect && found.expect === 'reject' && found.sql !== undefined,
    )
    expect(cases.length).toBeGreaterThan(150)
    for (const one of cases) {
      const key = JSON.stringify(one.policy)
      const target = guarded.get(key) ?? withPolicy(source, policyOf(one))
      guarded.set(key, target)
      if ((await verdict(target, one.sql)) === undefined) passed.push(`${one.id} ${one.sql.slice(0, 100)}`)
    }
    expect(passed).toEqual([])
  })

  test('every honest query passes, with the tables it was written for', { timeout: 1_200_000 }, async () => {
    const groups = Map.groupBy(
      readCases<Benign>('sql/benign.jsonl').filter((found) => found.dialect === dialect),
      ({ setup, setup_upto }) => `${setup ?? ''}:${setup_upto ?? ''}`,
    )
    const refused: string[] = []
    let count = 0
    for (const [key, cases] of groups) {
      const [{ setup: id, setup_upto: upto }] = cases as [Benign]
      const source = open(
        dialect,
        dialect === 'postgres'
          ? await fillPostgres(statementsFor(id, upto), await baseOf(id))
          : await fillDuckdb(key.replace(/\W/g, '_') || 'empty', statementsFor(id, upto)),
      )
      const target = withPolicy(source)
      for (const one of cases) {
        count++
        const code = await verdict(target, one.sql)
        if (code !== undefined) refused.push(`${one.id} ${code} | ${one.sql.slice(0, 100)}`)
      }
      await source.close()
    }
    expect(count).toBeGreaterThan(500)
    expect(refused).toEqual([])
  })
})

/** The statements that make the tables of a case. */
const statementsFor = (id: string | undefined, upto: number | undefined): readonly string[] => {
  if (id === undefined) return []
  if (id.startsWith('attacks_')) return statementsOf(readText(`sql/setup/${id}.sql`))
  const setup = setups.get(id)
  if (setup === undefined) throw new Error(`no set-up is called ${id}`)
  return setup.statements.slice(0, upto)
}

const baseOf = async (id: string | undefined): Promise<string | undefined> => {
  const base = id === undefined ? undefined : setups.get(id)?.base
  return base === undefined ? undefined : templateOf(base)
}
