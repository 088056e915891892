/** What programs name of a client is in the lock, so that what they would miss is a break (rows 79 and 80 of the law). */
import { expect, test } from 'vitest'
import { compareClients } from '../../codegen/compat/compare-surfaces.ts'
import { generateFiles } from '../../codegen/generate.ts'
import type { GeneratedFile } from '../../codegen/generated-file.ts'
import { releaseFacts } from '../../codegen/release-facts.ts'
import { contracts, hostContracts, transforms } from '../../contracts/catalog.ts'
import { clientRuntime } from '../support/project-files.ts'

const { model, files } = generateFiles([...contracts, ...hostContracts], '0.1.0', clientRuntime(), transforms)
const clientsOf = (given: readonly GeneratedFile[]) => releaseFacts(model, given, '0.1.0').clients
const clients = clientsOf(files)

test('the clients for programs are there, with what they export and what it must be given', () => {
  expect(Object.keys(clients).sort()).toEqual(['python', 'trpc', 'typescript'])
  expect(clients.typescript?.names).toEqual(
    expect.arrayContaining([
      ...['./v1', 'Dataface.call(tool, input)', 'Dataface.listSources()', 'listTables(transport, input)', 'Hooks.onRetry'],
      ...['DatafaceOptions.timeoutMs', 'isDatafaceError(error)', 'ExecuteQueryOutput'],
    ]),
  )
  expect(clients.typescript?.names).not.toContain('openRows(transport, tool, input)')
  expect(clients.python?.names).toEqual(
    expect.arrayContaining([
      ...['Dataface.__init__(url)', 'Dataface.execute_query(source, sql)', 'AsyncDataface.execute_query(source, sql)', 'SqlError'],
      ...['Hooks.on_retry', 'to_python(type, value)', 'Answer', 'DatafaceError.request_id', 'CatalogOutput'],
    ]),
  )
  expect(clients.python?.names.some((name) => /(^|\.)_[a-z]/.test(name))).toBe(false)
  expect(clients.python?.needs).toEqual({ python: '>=3.10' })
})

test.each<[what: string, file: string, before: string, after: string, field: string]>([
  ['a method of the class', 'typescript/client.d.ts', '  listSources(', '  sources(', 'Dataface.listSources()'],
  ['one more argument', 'typescript/client.d.ts', 'listSources(input?:', 'listSources(input:', 'Dataface.listSources()'],
  ['an option', 'typescript/transport.d.ts', '    retries?:', '    attempts?:', 'DatafaceOptions.retries'],
  ['a function', 'typescript/index.d.ts', 'isDatafaceError, ', '', 'isDatafaceError(error)'],
  ['an entry', 'typescript/package.json', '"./v1"', '"./first"', './v1'],
  ['an engine', 'typescript/package.json', '">=20"', '">=22"', 'node'],
  ['a method in Python', 'python/src/dataface/client.py', 'def list_sources(', 'def sources(', 'Dataface.list_sources()'],
  ['one more argument in Python', 'python/src/dataface/client.py', 'query: Optional[str] = None', 'query: str', 'Dataface.catalog()'],
  ['a hook in Python', 'python/src/dataface/_protocol.py', 'on_retry: Optional', 'on_again: Optional', 'Hooks.on_retry'],
  ['an error in Python', 'python/src/dataface/errors.py', 'class SqlError(', 'class SyntaxFault(', 'SqlError'],
  ['a function in Python', 'python/src/dataface/frames.py', 'def records(result', 'def records(result, kind', 'records(result)'],
  ['a version of Python', 'python/pyproject.toml', '>=3.10', '>=3.13', 'python'],
  [
    'a type of the tRPC client',
    'trpc/index.d.ts',
    'export interface DatafaceProcedures',
    'interface DatafaceProcedures',
    'DatafaceProcedures',
  ],
])('what programs would miss is a break: %s', (_what, file, before, after, field) => {
  const changed = files.map((one) => (one.path === `clients/${file}` ? { ...one, content: one.content.replace(before, after) } : one))
  expect(changed).not.toEqual(files)
  const found = compareClients(clients, clientsOf(changed))
  expect(found.filter(({ effect }) => effect !== 'widen').map((finding) => finding.field)).toContain(field)
})
