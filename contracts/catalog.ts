import type { Contract } from './define-contract.ts'
import { catalog } from './v1/tools/catalog.ts'
import { describeTable } from './v1/tools/describe-table.ts'
import { executeQuery } from './v1/tools/execute-query.ts'
import { getMetadata } from './v1/tools/get-metadata.ts'
import { listSources } from './v1/tools/list-sources.ts'
import { listTables } from './v1/tools/list-tables.ts'

/**
 * The contracts that are live. "Adding a tool touches nothing by hand": `npm run generate` keeps this list
 * in step with the files of `v1/tools`, and a test holds it so.
 */
export const contracts = [listSources, catalog, listTables, describeTable, getMetadata, executeQuery] as const satisfies readonly Contract[]

export type LiveContract = (typeof contracts)[number]
export type ToolName = LiveContract['name']
