import { open, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { readJsonMembers } from '../../server/projects/dbt/json-members.ts'
import { type DbtFolder, dbtFolder } from '../support/dbt-project.ts'
import { heldBytes } from '../support/held-bytes.ts'

let folder: DbtFolder | undefined
afterEach(async () => {
  await folder?.close()
  folder = undefined
})

interface Shape {
  readonly version: number
  /** Tests say which node they are of; before, only their arguments do. */
  readonly attaches: boolean
  readonly hasSemantics: boolean
  readonly hasGroups: boolean
}

/** What dbt would have written of a part of the shop, in the form of each version of the manifest. */
const manifestOf = ({ version, attaches, hasSemantics, hasGroups }: Shape) => {
  const node = (kind: string, name: string, schema: string, more: object = {}) => [
    `${kind}.tea_shop.${name}`,
    {
      unique_id: `${kind}.tea_shop.${name}`,
      resource_type: kind,
      package_name: 'tea_shop',
      name,
      alias: name,
      database: 'tea',
      schema,
      raw_code: `select "{" , '}' -- ${name}`,
      config: { enabled: true, materialized: kind === 'model' ? 'table' : kind },
      columns: {},
      depends_on: { macros: [], nodes: [] },
      ...more,
    },
  ]
  const testNode = (name: string, kwargs: object, on: string[], column?: string) => [
    `test.tea_shop.${name}.0a1b`,
    {
      unique_id: `test.tea_shop.${name}.0a1b`,
      resource_type: 'test',
      package_name: 'tea_shop',
      name,
      ...(column !== undefined && { column_name: column }),
      test_metadata: {
        name: name.replace(/_(sales|guests).*/, ''),
        namespace: null,
        kwargs: { model: "{{ get_where_subquery(ref('sales')) }}", ...kwargs },
      },
      depends_on: { macros: [], nodes: on },
      ...(attaches && { attached_node: 'model.tea_shop.sales' }),
      config: { enabled: true },
    },
  ]
  return {
    metadata: {
      dbt_schema_version: `https://schemas.getdbt.com/dbt/manifest/v${version}.json`,
      generated_at: '2026-03-01T10:00:00Z',
      ...(version >= 7 && { project_name: 'tea_shop' }),
    },
    nodes: Object.fromEntries([
      node('model', 'sales', 'main', {
        alias: 'fct_sales',
        description: 'Sold teas \u{1f375}, "quoted" \\ and [bracketed].',
        tags: ['daily'],
        meta: { owner: 'Ines' },
        columns: { receipt_id: { name: 'receipt_id', description: 'Number.', meta: {}, tags: [] } },
        depends_on: { macros: [], nodes: ['seed.tea_shop.teas', 'model.tea_shop.int', 'source.tea_shop.till.receipts'] },
        ...(hasGroups && { group: 'floor', access: 'public' }),
      }),
      node('model', 'int', 'main', { config: { materialized: 'ephemeral' }, depends_on: { nodes: ['model.tea_shop.guests'] } }),
      node('model', 'guests', 'main'),
      node('seed', 'teas', 'main_lists', version >= 8 ? { depends_on: { macros: [] } } : {}),
      node('model', 'off', 'main', { config: { enabled: false } }),
      testNode('unique_sales_receipt_id', { column_name: 'receipt_id' }, ['model.tea_shop.sales'], 'receipt_id'),
      testNode('not_null_sales_receipt_id', { column_name: 'receipt_id' }, ['model.tea_shop.sales']),
      testNode(
        'relationships_sales_tea_id',
        version >= 12
          ? { column_name: 'tea_id', arguments: { to: "ref('teas')", field: 'tea_id' } }
          : { column_name: 'tea_id', to: "ref('teas')", field: 'tea_id' },
        ['seed.tea_shop.teas', 'model.tea_shop.sales'],
        'tea_id',
      ),
      testNode('accepted_values_sales_kind', { column_name: 'kind', values: ['cash', 'card'] }, ['model.tea_shop.sales'], 'kind'),
    ]),
    sources: {
      'source.tea_shop.till.receipts': {
        unique_id: 'source.tea_shop.till.receipts',
        resource_type: 'source',
        package_name: 'tea_shop',
        source_name: 'till',
        source_description: 'What the tills send.',
        name: 'receipts',
        identifier: 'till_receipts',
        schema: 'landing',
        freshness: { warn_after: { count: 6, period: 'hour' }, error_after: { count: null, period: null } },
        description: '',
        columns: {},
        meta: {},
        tags: [],
      },
    },
    macros: { 'macro.dbt.big': { macro_sql: 'x'.repeat(10_000), name: 'big' } },
    docs: {},
    exposures: {
      'exposure.tea_shop.screen': {
        name: 'screen',
        type: 'dashboard',
        owner: { name: null, email: 'noor@tea.example' },
        depends_on: { nodes: ['model.tea_shop.sales'] },
      },
    },
    metrics: {
      'metric.tea_shop.turnover':
        version >= 10
          ? {
              name: 'turnover',
              label: 'Turnover',
              description: 'Money.',
              type: 'simple',
              type_params: { measure: { name: 'amount' } },
              depends_on: { nodes: ['semantic_model.tea_shop.sales'] },
            }
          : {
              name: 'turnover',
              label: 'Turnover',
              description: 'Money.',
              calculation_method: 'sum',
              expression: 'amount',
              depends_on: { nodes: ['model.tea_shop.sales'] },
            },
    },
    ...(hasSemantics && {
      semantic_models: {
        'semantic_model.tea_shop.sales': {
          name: 'sales',
          model: "ref('sales')",
          entities: [],
          dimensions: [],
          measures: [{ name: 'amount', agg: 'sum' }],
          depends_on: { nodes: ['model.tea_shop.sales'] },
        },
      },
    }),
    ...(hasGroups && { groups: { 'group.tea_shop.floor': { name: 'floor', owner: { name: 'Floor team' } } } }),
    parent_map: {},
    child_map: {},
    disabled: { 'model.tea_shop.gone': [{ name: 'gone' }] },
  }
}

const shapes = Array.from({ length: 9 }, (_, index) => index + 4).map(
  (version): Shape => ({ version, attaches: version >= 9, hasSemantics: version >= 10, hasGroups: version >= 9 }),
)

test.each(shapes)('a manifest of version $version is read', async (shape) => {
  folder = await dbtFolder('shop', { 'target/manifest.json': JSON.stringify(manifestOf(shape)) })
  const shop = await folder.serve()
  const { dbt, tables } = await shop.data<{ dbt: object; tables: { name: string; dbt?: object }[] }>('get_metadata', {
    source: 'tea_shop',
    detail: 'full',
    max_tokens: 50_000,
  })
  expect(dbt).toMatchObject({ project: 'tea_shop', from: 'manifest', generated_at: '2026-03-01T10:00:00Z' })
  expect(tables.find(({ name }) => name === 'fct_sales')).toMatchObject({
    comment: 'Sold teas \u{1f375}, "quoted" \\ and [bracketed].',
    primary_key: ['receipt_id'],
    primary_key_from_dbt: true,
    columns: [
      { name: 'receipt_id', comment: 'Number.', tests: ['unique', 'not_null'] },
      { name: 'tea_id', tests: ['relationships'] },
      { name: 'guest_id' },
      { name: 'kind', enum_values: ['cash', 'card'], enum_values_from_dbt: true },
      { name: 'card_number' },
      { name: 'amount' },
    ],
    dbt: {
      kind: 'model',
      name: 'sales',
      owner: 'Ines',
      tags: ['daily'],
      upstream: ['landing.till_receipts', 'main.guests', 'main_lists.teas'],
      exposures: [{ name: 'screen', owner: 'noor@tea.example' }],
      metrics: [{ name: 'turnover', label: 'Turnover', description: 'Money.' }],
      ...(shape.hasGroups && { group: 'floor', access: 'public' }),
      ...(shape.hasSemantics && { semantic_model: { name: 'sales', measures: [{ name: 'amount', agg: 'sum' }] } }),
    },
  })
  expect(tables.find(({ name }) => name === 'till_receipts')).toMatchObject({
    comment: 'What the tills send.',
    dbt: { freshness: 'warns after 6 hour' },
  })
})

test('comments of catalog.json stand where the project has no description', async () => {
  const [shape] = shapes.slice(-1)
  const catalog = {
    nodes: {
      'model.tea_shop.sales': {
        metadata: { comment: 'Other.' },
        columns: { KIND: { comment: 'Cash or card.' }, receipt_id: { comment: 'Other.' } },
      },
      'model.tea_shop.guests': { metadata: { comment: 'Who came.' }, columns: {} },
    },
    sources: {},
  }
  folder = await dbtFolder('shop', {
    'target/manifest.json': JSON.stringify(manifestOf(shape as Shape)),
    'target/catalog.json': JSON.stringify(catalog),
  })
  const shop = await folder.serve()
  const sales = await shop.data<{ comment: string; columns: { name: string; comment?: string }[] }>('describe_table', {
    source: 'tea_shop',
    table: 'fct_sales',
  })
  expect(sales.comment).toContain('Sold teas')
  expect(sales.columns.map(({ comment }) => comment)).toEqual(['Number.', undefined, undefined, 'Cash or card.', undefined, undefined])
  expect(await shop.data('describe_table', { source: 'tea_shop', table: 'guests' })).toMatchObject({ comment: 'Who came.' })
})

describe('reading members of a JSON file', () => {
  const path = join(tmpdir(), `dft-members-${process.pid}.json`)
  const read = async (parts: readonly string[]) => {
    const found: [string, string, unknown][] = []
    await readJsonMembers(path, { parts: new Set(parts), onMember: (part, name, value) => found.push([part, name, value]) })
    return found
  }
  afterEach(() => rm(path, { force: true }))

  test('gives what JSON.parse gives, however it is written', async () => {
    const part = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 })
    await fc.assert(
      fc.asyncProperty(
        fc.record({ a: part, skipped: fc.jsonValue({ maxDepth: 3 }), b: part, text: fc.string() }, { requiredKeys: [] }),
        fc.constantFrom(undefined, 1, '\t'),
        async (value, indent) => {
          await writeFile(path, JSON.stringify(value, null, indent as number))
          const parsed = JSON.parse(JSON.stringify(value)) as Record<string, Record<string, unknown>>
          const expected = ['a', 'b'].flatMap((name) => Object.entries(parsed[name] ?? {}).map(([key, member]) => [name, key, member]))
          expect((await read(['a', 'b'])).sort(byText)).toEqual(expected.sort(byText))
        },
      ),
      { numRuns: 300 },
    )
  })

  test.each(['', '[]', '1', '"text"', '{"a": {"b": 1}', '{"a": {"b": 1}} {}', '{"a": {"b": tru}}', '}{'])('throws for %s', async (text) => {
    await writeFile(path, text)
    await expect(read(['a'])).rejects.toThrow()
  })

  test('a file of more than 100 MB takes little memory', async () => {
    const file = await open(path, 'w')
    const filler = JSON.stringify({ name: 'one', compiled_code: 'select 1 -- {"}'.repeat(5_000) })
    await file.write('{"macros": {')
    for (let index = 0; index < 700; index++) await file.write(`"m${index}": ${filler},`)
    await file.write('"last": {}}, "nodes": {')
    for (let index = 0; index < 700; index++) await file.write(`"n${index}": ${filler},`)
    await file.write('"last": {}}}')
    await file.close()
    expect((await stat(path)).size).toBeGreaterThan(100_000_000)
    let most = 0
    let count = 0
    const before = heldBytes()
    await readJsonMembers(path, {
      parts: new Set(['nodes']),
      onMember() {
        if (count++ % 100 === 0) most = Math.max(most, heldBytes() - before)
      },
    })
    expect(count).toBe(701)
    expect(most).toBeLessThan(16 * 1024 * 1024)
  })
})

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)
