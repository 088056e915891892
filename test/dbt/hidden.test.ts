import { afterAll, beforeAll, expect, test } from 'vitest'
import { type DbtFolder, dbtFolder, type ServedDbt } from '../support/dbt-project.ts'

const policies = {
  'names that are denied': 'tables: {deny: [wages]}, columns: {deny: [card_number]}',
  'a schema that is denied': 'tables: {deny: ["main_people.*"]}, columns: {deny: ["fct_sales.card_number", "*.*.card_number"]}',
  'schemas that are named': 'schemas: [main, main_lists, main_prepared], columns: {deny: ["*card*"]}',
  'tables that are allowed': 'tables: {allow: [fct_sales, teas, guests, report_v2]}, columns: {deny: [card_number]}',
}

/** A name that is an ordinary word may stand in prose, unless its table is denied. */
const secrets = [
  'main_people',
  '.wages',
  '"wages"',
  'card_number',
  'cards_total',
  'cards_used',
  'turnover_per_card',
  '"1111"',
  'people earn',
]

for (const [title, policy] of Object.entries(policies)) {
  let folder: DbtFolder
  let shop: ServedDbt
  beforeAll(async () => {
    folder = await dbtFolder('shop', { 'dataface.yml': `name: test\nsources: {tea: {type: dbt, ${policy}}}\n` })
    shop = await folder.serve()
  })
  afterAll(() => folder.close())

  const render = (relation: string) =>
    shop.call('render_dashboard', {
      yaml: `source: tea\ncharts: {a: {type: table, query: "SELECT * FROM {{ ${relation} }}"}}`,
      format: 'json',
    })

  const calls: Record<string, () => Promise<unknown>> = {
    list_tables: () => shop.call('list_tables', { source: 'tea' }),
    'list_tables by a word': () => shop.call('list_tables', { source: 'tea', search: 'earn' }),
    catalog: () => shop.call('catalog', {}),
    'catalog by words': () => shop.call('catalog', { query: 'cards people earn letter', limit: 100 }),
    'get_metadata in full': () => shop.call('get_metadata', { source: 'tea', detail: 'full', max_tokens: 50_000 }),
    'describe_table of what is made of it': () => shop.call('describe_table', { source: 'tea', table: 'fct_sales' }),
    'describe_table of what speaks of it': () => shop.call('describe_table', { source: 'tea', table: 'guests' }),
    'describe_table of a near name': () => shop.call('describe_table', { source: 'tea', table: 'wage' }),
    'a board with a near name': () => render("ref('wage')"),
    'a board with a near name and its package': () => render("ref('tea_shop', 'wage')"),
  }
  test.each(Object.keys(calls))(`${title}: nothing hidden shows in %s`, async (name) => {
    const answer = JSON.stringify(await calls[name]?.())
    for (const word of policy.includes('deny: [wages]') || policy.includes('people') ? [...secrets, 'wages'] : secrets)
      expect(answer).not.toContain(word)
  })

  test(`${title}: a model that is hidden answers as one that does not exist`, async () => {
    const told = async (name: string) => JSON.stringify(await render(`ref('${name}')`)).replaceAll(name, 'NAME')
    const plain = (text: string) => text.replace(/"request_id":"[^"]*"|"timing_ms":[\d.]+/g, '')
    expect(plain(await told('wages'))).toBe(plain(await told('nosuchmodel')))
    expect(await told('wages')).toContain('The dbt project has no model NAME.')
  })

  test(`${title}: what is not hidden still shows`, async () => {
    const { dbt, comment } = await shop.data<{ dbt: Record<string, unknown>; comment: string }>('describe_table', {
      source: 'tea',
      table: 'fct_sales',
    })
    expect(comment).toContain('One row per receipt')
    expect(dbt).toMatchObject({
      upstream: expect.arrayContaining(['main_lists.teas']),
      exposures: expect.arrayContaining([expect.objectContaining({ name: 'till_screen' })]),
      metrics: [{ name: 'turnover_total' }],
      semantic_model: { measures: [{ name: 'turnover' }], dimensions: [{ name: 'kind' }] },
    })
  })
}

test('a column that is masked is described, without the values that dbt lists', async () => {
  const folder = await dbtFolder('shop', { 'dataface.yml': 'name: test\nsources: {tea: {type: dbt, columns: {mask: [card_number]}}}\n' })
  try {
    const shop = await folder.serve()
    const { columns } = await shop.data<{ columns: { name: string }[] }>('describe_table', { source: 'tea', table: 'fct_sales' })
    const column = columns.find(({ name }) => name === 'card_number')
    expect(column).toMatchObject({ comment: 'Of the card.', readable: false, tests: ['accepted_values'] })
    expect(column).not.toHaveProperty('enum_values')
  } finally {
    await folder.close()
  }
})

test('a manifest tells no more than the files do', async () => {
  const model = (name: string, schema: string, more: object = {}) => ({
    resource_type: 'model',
    name,
    package_name: 'tea_shop',
    schema,
    alias: name,
    ...more,
  })
  const manifest = {
    metadata: { project_name: 'tea_shop' },
    nodes: {
      'model.tea_shop.fct_sales': model('fct_sales', 'main', {
        description: 'Sales.',
        depends_on: { nodes: ['model.tea_shop.wages', 'model.tea_shop.step'] },
        tags: ['from_wages', 'kept'],
        meta: { reads: 'people.wages', card_number: 'x', kept: 1 },
        group: 'wages_team',
        columns: {
          card_number: { name: 'card_number', description: 'Of the card.' },
          kind: { name: 'kind', description: 'Without the card_number.' },
        },
      }),
      'model.tea_shop.wages': model('wages', 'main_people', {
        description: 'What people earn.',
        depends_on: { nodes: ['model.tea_shop.guests'] },
      }),
      'model.tea_shop.step': model('step', 'main', {
        config: { materialized: 'ephemeral' },
        depends_on: { nodes: ['model.tea_shop.wages'] },
      }),
      'model.tea_shop.guests': model('guests', 'main'),
      'test.tea_shop.own': {
        resource_type: 'test',
        attached_node: 'model.tea_shop.fct_sales',
        column_name: 'kind',
        test_metadata: { name: 'like_wages', kwargs: {} },
      },
      'test.tea_shop.rel': {
        resource_type: 'test',
        attached_node: 'model.tea_shop.fct_sales',
        column_name: 'guest_id',
        test_metadata: { name: 'relationships', kwargs: { to: "ref('wages')", field: 'person_id' } },
      },
    },
    metrics: {
      old: {
        name: 'paid_by',
        label: 'P',
        calculation_method: 'sum',
        expression: 'card_number',
        depends_on: { nodes: ['model.tea_shop.fct_sales'] },
      },
      kept: { name: 'money', expression: 'sum(amount) * 1.5', depends_on: { nodes: ['model.tea_shop.fct_sales'] } },
      both: { name: 'both_of', expression: '1', depends_on: { nodes: ['model.tea_shop.fct_sales', 'model.tea_shop.wages'] } },
    },
  }
  const folder = await dbtFolder('shop', {
    'dataface.yml': 'name: test\nsources: {tea: {type: dbt, tables: {deny: [wages]}, columns: {deny: [card_number]}}}\n',
    'target/manifest.json': JSON.stringify(manifest),
  })
  try {
    const shop = await folder.serve()
    const described = await shop.data<{ dbt: object; foreign_keys: unknown }>('describe_table', { source: 'tea', table: 'fct_sales' })
    expect(described.dbt).toEqual({
      kind: 'model',
      name: 'fct_sales',
      tags: ['kept'],
      meta: { kept: 1 },
      upstream: ['main.guests'],
      metrics: [{ name: 'money' }],
    })
    expect(described.foreign_keys).toEqual([])
    const all = JSON.stringify([
      described,
      await shop.data('get_metadata', { source: 'tea', detail: 'full' }),
      await shop.data('catalog', { query: 'wages' }),
    ])
    for (const word of ['wages', 'card_number', 'paid_by', 'both_of', 'people earn']) expect(all).not.toContain(word)
  } finally {
    await folder.close()
  }
})
