import { listTables } from '../../contracts/v1/tools/list-tables.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { fitItems } from '../envelope/fit-items.ts'
import { cutComment } from '../search/cut-comment.ts'
import { requireSchema } from '../search/find-table.ts'
import { readDescribed } from '../search/read-described.ts'
import { unreadWarnings } from '../search/unread-warnings.ts'
import type { CatalogTable } from '../sources/source.ts'

export const handler = defineHandler(listTables, async (input, { source, cursors, signal, progress }) => {
  progress?.({ message: 'Reading the metadata' })
  const catalog = await readDescribed(source, signal)
  const { tables, schemas } = catalog
  const schema = input.schema === undefined ? undefined : requireSchema(schemas, input.schema)
  const wanted = input.search?.toLowerCase()
  const matching = tables.filter(
    (table) => (schema === undefined || table.schema === schema) && (wanted === undefined || mentions(table, wanted)),
  )

  // Pages continue after the last table shown, so that they survive a change of the metadata between them.
  const request = ['list_tables', input.source, input.schema, input.search]
  const after = input.cursor === undefined ? undefined : (cursors.open(request, input.cursor) as [string, string])
  const start = after === undefined ? 0 : matching.findIndex((table) => comesAfter(table, after))
  const wanting = start === -1 ? [] : matching.slice(start, start + input.limit)
  const page = await fitItems(wanting.map(describe), source.limits.defaultTokens)
  const last = page.at(-1)
  const more = last !== undefined && start + page.length < matching.length

  return {
    warnings: unreadWarnings(source.source.name, catalog),
    data: {
      tables: [...page],
      total: matching.length,
      ...(more && { next_cursor: cursors.seal(request, [last.schema, last.name]) }),
    },
    ...(schema !== undefined && { schema }),
  }
})

const describe = ({ name, schema, kind, rowEstimate, comment }: CatalogTable) => ({
  name,
  schema,
  kind,
  ...(rowEstimate !== undefined && { row_estimate: rowEstimate }),
  ...(comment !== undefined && { comment: cutComment(comment) }),
})

const mentions = (table: CatalogTable, wanted: string): boolean =>
  table.name.toLowerCase().includes(wanted) || (table.comment?.toLowerCase().includes(wanted) ?? false)

/** Tables are ordered by schema, then name. */
const comesAfter = (table: CatalogTable, [schema, name]: [string, string]): boolean =>
  table.schema > schema || (table.schema === schema && table.name > name)
