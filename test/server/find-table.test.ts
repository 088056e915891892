/** A table is found by its name as people and SQL write it, and a name that could mean two is never guessed. */
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../server/envelope/fault.ts'
import type { OpenSource } from '../../server/projects/project.ts'
import { findTable } from '../../server/search/find-table.ts'
import { searchCatalogs } from '../../server/search/search-aside.ts'
import type { CatalogTable, SourceCatalog } from '../../server/sources/source.ts'

const table = (schema: string, name: string, ...columns: string[]) =>
  ({ schema, name, kind: 'table', columns: columns.map((column) => ({ name: column, type: 'text' })) }) as unknown as CatalogTable
const catalog = {
  version: '1',
  tables: [
    table('public', 'Foo'),
    table('public', 'foo'),
    table('public', 'Orders'),
    table('sales', 'orders'),
    table('sales', 'Refunds'),
    table('old', 'refunds'),
    table('sales', 'odd.name'),
    table('sales', 'say "hi"'),
    table('crm', 'customers', 'id', 'name'),
    table('crm', 'invoices', 'customer_id', 'total'),
    table('crm', 'visits', 'customer_id', 'day'),
  ],
} as unknown as SourceCatalog

describe('describe_table', () => {
  test.each([
    ['foo', undefined, 'public.foo'],
    ['Foo', undefined, 'public.Foo'],
    ['"Foo"', undefined, 'public.Foo'],
    ['"Foo"', 'public', 'public.Foo'],
    ['public."foo"', undefined, 'public.foo'],
    ['ORDERS', undefined, 'public.Orders'],
    ['orders', 'SALES', 'sales.orders'],
    ['shop.sales.orders', undefined, 'sales.orders'],
    ['"shop"."sales"."orders"', undefined, 'sales.orders'],
    ['odd.name', undefined, 'sales.odd.name'],
    ['sales."odd.name"', undefined, 'sales.odd.name'],
    ['"say ""hi"""', undefined, 'sales.say "hi"'],
    ['Refunds', undefined, 'sales.Refunds'],
    ['a.b.sales.orders', undefined, undefined],
    ['sales..orders', undefined, undefined],
    ['"orders', undefined, undefined],
    ['', undefined, undefined],
  ])('%s in %s is %s', (name, schema, expected) => {
    const found = findTable(catalog, name, schema, 'public')
    expect(found && `${found.schema}.${found.name}`).toBe(expected)
  })

  test.each([
    ['FOO', 'table', 'Give one of: Foo, foo.'],
    ['public.FOO', 'table', 'Give one of: Foo, foo.'],
    ['REFUNDS', 'schema', 'Give one of: sales, old.'],
  ])('%s could mean two, so both are told', (name, path, hint) => {
    let fault: Fault | undefined
    try {
      findTable(catalog, name, undefined, 'public')
    } catch (error) {
      fault = error as Fault
    }
    expect(fault).toMatchObject({ code: 'VALIDATION_ERROR', details: { path, hint } })
  })
})

test.each(['customer', 'custmer', 'custmers', 'customers'])(
  'catalog gives the table before the keys that point to it: %s',
  async (query) => {
    const entry = { source: { name: 'shop', type: 'postgres' } } as unknown as OpenSource
    const { hits } = await searchCatalogs(query, [{ entry, catalog }], {
      kinds: undefined,
      limit: 10,
      caller: 'a',
      signal: new AbortController().signal,
    })
    expect(hits[0]).toMatchObject({ kind: 'table', table: 'customers' })
    expect(hits.map((hit) => hit.column)).toContain('customer_id')
  },
)
