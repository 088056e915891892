/** Templates of the field: attacks by values on real databases, honest values, and all templates of real boards. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, inject, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { findUses } from '../../server/boards/template/find-uses.ts'
import { renderText } from '../../server/boards/template/render-text.ts'
import { TemplateFault } from '../../server/boards/template/template-fault.ts'
import type { TemplateValue } from '../../server/boards/template/value.ts'
import { defaultLimits } from '../../server/projects/project.ts'
import { openDuckdb } from '../../server/sources/duckdb/source.ts'
import { openPostgres } from '../../server/sources/postgres/source.ts'
import type { Dialect, Source } from '../../server/sources/source.ts'
import { bind, type Values } from '../boards/template/render.ts'
import { root } from '../support/project-files.ts'
import { readCases, readText } from './cases.ts'
import { createPostgres, fill, withClient, withDuckdb } from './databases.ts'
import { type Answer, serveSource } from './serve-source.ts'
import { attackScript, type Benign, canary, policyOf, readHonest } from './sql-cases.ts'

const limits = { ...defaultLimits, maxRows: 100, timeoutMs: 5_000 }
const folder = mkdtempSync(join(tmpdir(), 'dataface-field-'))
const opened: Source[] = []

afterAll(async () => {
  await Promise.all(opened.map((source) => source.close()))
  rmSync(folder, { recursive: true, force: true })
})

const open: Record<Dialect, (script: readonly string[], name: string) => Promise<Source>> = {
  async postgres(script) {
    const url = await createPostgres(inject('postgres'))
    await withClient(url, (client) => fill((statement) => client.query(statement), script))
    return openPostgres({ name: 'field', config: { type: 'postgres', url, sslmode: 'disable' }, limits, log: () => {} })
  },
  async duckdb(script, name) {
    const path = join(folder, name)
    await withDuckdb(path, (connection) => fill((statement) => connection.run(statement), script))
    return openDuckdb({ name: 'field', type: 'duckdb', config: { path }, limits, log: () => {} })
  },
}

const openDatabase = async (dialect: Dialect, script: readonly string[], name: string): Promise<Source> => {
  const source = await open[dialect](script, name)
  opened.push(source)
  return source
}

interface TemplateAttack {
  readonly id: string
  readonly dialect: Dialect
  readonly sql_template: string
  readonly variables: Values
  readonly honest_value?: boolean
  readonly policy: Parameters<typeof policyOf>[0]['policy']
}

interface Outcome {
  readonly one: TemplateAttack
  readonly answer: Answer | undefined
  readonly fault: TemplateFault | undefined
}

/** Attacks whose text is meant to be data: they run, and find nothing. */
const isQuoted = (template: string): boolean => /'[^']*\{\{/.test(template)

describe.each(['postgres', 'duckdb'] as const)('%s', (dialect) => {
  test('no value of an attack does anything but be a value', async () => {
    const source = await openDatabase(dialect, attackScript(dialect), 'attackdb.duckdb')
    const attacks = readCases<TemplateAttack>('sql/attacks.jsonl').filter(
      (found) => found.dialect === dialect && found.sql_template !== undefined,
    )
    const outcomes: Outcome[] = []
    for (const one of attacks) {
      const ask = serveSource(source, limits, policyOf(one as unknown as Parameters<typeof policyOf>[0]))
      try {
        const { sql, params } = bind(one.sql_template, one.variables, { dialect })
        outcomes.push({ one, answer: await ask(sql, params), fault: undefined })
      } catch (error) {
        if (!(error instanceof TemplateFault)) throw error
        outcomes.push({ one, answer: undefined, fault: error })
      }
    }
    const told = outcomes.filter(({ answer }) => answer !== undefined && canary.test(answer.text))
    expect(told.map(({ one }) => one.id)).toEqual([])
    const honest = outcomes.filter(({ one }) => one.honest_value === true)
    expect(honest.filter(({ answer }) => answer?.refusal !== undefined || answer === undefined).map(({ one }) => one.id)).toEqual([])
    expect(honest.length).toBeGreaterThan(1)
    // A value that closes its quotes would find rows, or fail; as a value it is compared with and found nowhere.
    const compared = outcomes.filter(
      ({ one, answer }) =>
        one.honest_value !== true && answer !== undefined && isQuoted(one.sql_template) && /status (?:=|LIKE) '/.test(one.sql_template),
    )
    expect(compared.filter(({ answer }) => answer?.refusal !== undefined || answer?.rows.length !== 0).map(({ one }) => one.id)).toEqual([])
    expect(compared.length).toBeGreaterThan(5)
    const broken = outcomes.filter(({ answer }) => answer?.refusal?.startsWith('INTERNAL_ERROR'))
    expect(broken.map(({ one }) => one.id)).toEqual([])
    const orders = dialect === 'postgres' ? 'public.orders' : 'main.orders'
    const [[count]] = (await serveSource(source, limits)(`SELECT count(*) FROM ${orders}`)).rows as [[string]]
    expect(Number(count)).toBeGreaterThan(2)
    expect(outcomes.length).toBeGreaterThan(25)
  })

  test('templates of boards find the rows that their text found', async () => {
    type Templated = Benign & { readonly sql_template?: string; readonly variables?: Values }
    const isTemplated = (one: Templated): boolean => one.sql_template !== undefined
    let asked = 0
    for (const { stages } of readHonest(dialect)) {
      const cases = stages.flatMap((stage) => stage.cases as readonly Templated[]).filter(isTemplated)
      if (cases.length === 0) continue
      const source = await openDatabase(
        dialect,
        stages.flatMap((stage) => stage.statements),
        `honest${asked}.duckdb`,
      )
      const ask = serveSource(source, limits)
      for (const one of cases) {
        const { sql, params } = bind(one.sql_template as string, one.variables, { dialect })
        const [plain, rendered] = [await ask(one.sql), await ask(sql, params)]
        expect([one.id, rendered.refusal, rendered.rows]).toEqual([one.id, undefined, plain.rows])
        asked++
      }
    }
    expect(asked).toBeGreaterThan(0)
  })
})

/** Every text of a board that holds a template, with the keys that lead to it. */
const templatesOf = (node: unknown, path: readonly string[] = []): { path: readonly string[]; text: string }[] => {
  if (typeof node === 'string') return /\{[{%]/.test(node) ? [{ path, text: node }] : []
  if (node === null || typeof node !== 'object') return []
  return Object.entries(node).flatMap(([key, value]) => templatesOf(value, [...path, key]))
}

interface RealBoard {
  readonly file: string
  readonly content: { variables?: Record<string, { default?: TemplateValue } | null>; queries?: Record<string, string | { sql?: string }> }
}

const readBoards = (): RealBoard[] => {
  const folderOfBoards = resolve(root, '../shared/cases/boards')
  return (readdirSync(folderOfBoards, { recursive: true }) as string[])
    .filter((file) => /\/(?:charts|faces)\/.*\.ya?ml$/.test(file))
    .flatMap((file) =>
      parseAllDocuments(readText(`boards/${file}`)).map((document) => ({ file, content: (document.toJS() ?? {}) as RealBoard['content'] })),
    )
}

test('every template of the real boards renders', () => {
  let rendered = 0
  for (const { file, content } of readBoards()) {
    const values: Values = Object.fromEntries(Object.entries(content.variables ?? {}).map(([name, one]) => [name, one?.default ?? null]))
    const sqlOf = (query: string | { sql?: string }) => (typeof query === 'string' ? query : query.sql)
    const queries = Object.fromEntries(
      Object.entries(content.queries ?? {}).flatMap(([name, query]) =>
        sqlOf(query) === undefined ? [] : [[name, sqlOf(query) as string]],
      ),
    )
    for (const { path, text } of templatesOf(content)) {
      const where = `${file} ${path.join('.')}`
      const kind = path[0] === 'queries' || path.at(-1) === 'query' ? 'sql' : 'text'
      expect(findUses(text, kind).faults, where).toEqual([])
      if (kind === 'sql') bind(text, values, { queries, resolve: (_, names) => `"main"."${names.at(-1)}"`, dialect: 'duckdb' })
      else renderText(text, new Map(Object.entries({ x: 'North', percent: 0.25, category: 'Toys', ...values })))
      rendered++
    }
  }
  expect(rendered).toBeGreaterThan(30)
})
