import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DbtFolder, dbtFolder, type ServedDbt } from '../support/dbt-project.ts'

let folder: DbtFolder
let shop: ServedDbt
beforeAll(async () => {
  folder = await dbtFolder()
  shop = await folder.serve()
})
afterAll(() => folder.close())

interface Described {
  comment?: string
  primary_key: string[]
  primary_key_from_dbt?: boolean
  foreign_keys: unknown[]
  referenced_by: unknown[]
  columns: { name: string; comment?: string; tests?: string[]; enum_values?: string[]; enum_values_from_dbt?: boolean }[]
  dbt?: Record<string, unknown>
}
const describeTable = (table: string) => shop.data<Described>('describe_table', { source: 'tea_shop', table })

test('a dbt project without a dataface.yml is a source by its name, with every table', async () => {
  const { sources } = await shop.data<{ sources: { name: string; type: string; state: string; table_count: number }[] }>('list_sources', {})
  expect(sources).toMatchObject([{ name: 'tea_shop', type: 'duckdb', state: 'ready', table_count: 9 }])
})

test('a table is described by its model: description, tests, keys, owner, lineage, exposures, metrics', async () => {
  const { dbt, columns, ...table } = await describeTable('fct_sales')
  expect(table).toMatchObject({
    comment: 'One row per receipt and tea, **paid**.',
    primary_key: ['receipt_id'],
    primary_key_from_dbt: true,
    foreign_keys: [
      { columns: ['tea_id'], references: { schema: 'main_lists', table: 'teas', columns: ['tea_id'] }, from_dbt: true },
      { columns: ['guest_id'], references: { schema: 'main', table: 'guests', columns: ['guest_id'] }, from_dbt: true },
    ],
  })
  expect(columns.map(({ name, comment, tests, enum_values }) => ({ name, comment, tests, enum_values }))).toEqual([
    { name: 'receipt_id', comment: 'Number on the receipt.', tests: ['unique', 'not_null'] },
    { name: 'tea_id', tests: ['relationships'] },
    { name: 'guest_id', tests: ['relationships'] },
    { name: 'kind', comment: 'How it was paid.', tests: ['accepted_values'], enum_values: ['cash', 'card'] },
    { name: 'card_number', comment: 'Of the card.', tests: ['accepted_values'], enum_values: ['1111', '2222'] },
    { name: 'amount' },
  ])
  expect(columns.map(({ enum_values_from_dbt }) => enum_values_from_dbt)).toEqual([undefined, undefined, undefined, true, true, undefined])
  expect(dbt).toEqual({
    kind: 'model',
    name: 'sales',
    owner: 'Ines',
    group: 'floor',
    access: 'public',
    tags: ['daily', 'money'],
    meta: { tier: 'gold', owner: 'Ines' },
    tests: [
      'dbt_utils.unique_combination_of_columns(receipt_id, tea_id)',
      'dbt_utils.unique_combination_of_columns(receipt_id, card_number)',
    ],
    upstream: ['main_lists.teas', 'main_people.wages', 'main_prepared.stg_receipts'],
    downstream: ['main.report_v1', 'main.report_v2'],
    exposures: [
      {
        name: 'till_screen',
        type: 'dashboard',
        label: 'Screen at the till',
        owner: 'Noor, noor@tea.example',
        url: 'https://tea.example/till',
      },
      { name: 'wages_letter', type: 'notebook' },
    ],
    metrics: [
      { name: 'turnover_total', label: 'Turnover', description: 'All money taken.' },
      { name: 'cards_total' },
      { name: 'turnover_per_card' },
    ],
    semantic_model: {
      name: 'receipts_of_sales',
      entities: [{ name: 'receipt', type: 'primary', expr: 'receipt_id' }],
      dimensions: [
        { name: 'kind', type: 'categorical' },
        { name: 'card_number', type: 'categorical' },
      ],
      measures: [
        { name: 'turnover', agg: 'sum', expr: 'amount', description: 'Money taken.' },
        { name: 'cards_used', agg: 'count_distinct', expr: 'card_number' },
      ],
    },
  })
})

test('keys are seen from both ends', async () => {
  const { referenced_by } = await describeTable('teas')
  expect(referenced_by).toEqual([
    { columns: ['tea_id'], referenced_by: { schema: 'main', table: 'fct_sales', columns: ['tea_id'] }, from_dbt: true },
  ])
})

test('sources, seeds, snapshots and versions of a model are told apart', async () => {
  const receipts = await describeTable('till_receipts')
  expect(receipts).toMatchObject({ comment: 'One row per receipt.', primary_key: ['receipt_id'] })
  expect(receipts.dbt).toEqual({
    kind: 'source',
    name: 'till.receipts',
    owner: 'till team',
    freshness: 'warns after 6 hour',
    meta: { owner: 'till team' },
    downstream: ['main_prepared.stg_receipts'],
  })
  expect((await describeTable('teas')).dbt).toMatchObject({ kind: 'seed', name: 'teas', downstream: ['main.fct_sales'] })
  expect((await describeTable('guests_history')).dbt).toMatchObject({ kind: 'snapshot', name: 'guests_history', upstream: ['main.guests'] })
  expect(await describeTable('report_v1')).toMatchObject({ comment: 'The report of old.', dbt: { name: 'report', version: '1' } })
  expect(await describeTable('report_v2')).toMatchObject({ comment: 'The report of the month.', dbt: { name: 'report', version: '2' } })
})

test('lists and searches find tables by what dbt says of them', async () => {
  const listed = await shop.data<{ tables: { name: string; comment?: string }[] }>('list_tables', {
    source: 'tea_shop',
    search: 'per receipt',
  })
  expect(listed.tables.map(({ name }) => name).sort()).toEqual(['fct_sales', 'till_receipts'])
  const found = async (query: string) =>
    (await shop.data<{ results: { table?: string }[] }>('catalog', { query, kinds: ['table'] })).results.map(({ table }) => table)
  for (const words of ['Turnover', 'till screen', 'Ines', 'money', 'sales']) expect(await found(words), words).toContain('fct_sales')
})

test('get_metadata tells where it is from, keys in summary and all in full, within its tokens', async () => {
  interface Metadata {
    dbt: unknown
    tokens: number
    tables: { name: string; primary_key_from_dbt?: boolean; dbt?: { name: string } }[]
    relationships: { from_dbt?: boolean }[]
  }
  const read = (input: object) => shop.data<Metadata>('get_metadata', { source: 'tea_shop', ...input })
  const summary = await read({})
  expect(summary.dbt).toEqual({ project: 'tea_shop', from: 'files' })
  expect(summary.tables.find(({ name }) => name === 'fct_sales')).toMatchObject({ primary_key_from_dbt: true })
  expect(summary.tables.some(({ dbt }) => dbt !== undefined)).toBe(false)
  expect(summary.relationships.filter(({ from_dbt }) => from_dbt)).toHaveLength(2)
  const full = await read({ detail: 'full' })
  expect(full.tables.find(({ name }) => name === 'fct_sales')?.dbt).toMatchObject({ name: 'sales', upstream: expect.any(Array) })
  const small = await read({ detail: 'full', max_tokens: 300 })
  expect(small.tokens).toBeLessThanOrEqual(300)
})

test('boards beside the dbt project are served, and name its models', async () => {
  const { charts } = await shop.data<{ charts: { rows: unknown }[] }>('render_dashboard', { path: 'boards/sales.yml', format: 'json' })
  expect(charts[0]?.rows).toEqual([
    ['card', '8'],
    ['cash', '4'],
  ])
})
