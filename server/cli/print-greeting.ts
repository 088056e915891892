import type { Project } from '../projects/project.ts'
import { printWarnings } from './call-tool.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import type { Greeting } from './read-greeting.ts'
import { printable, type Terminal } from './terminal.ts'

/** The name of the project and the addresses of its doors. */
export const printDoors = ({ name, description, boards }: Project, url: string, { out, paint }: Terminal): void => {
  out(`${paint('bold', `Dataface serves ${name}`)}${description === undefined ? '' : `: ${printable(description)}`}\n\n`)
  const doors = [
    ['MCP', '/mcp'],
    ['REST', '/api/v1'],
    ['tRPC', '/trpc'],
    ['Docs', '/docs'],
    ...(boards === undefined ? [] : [['Boards', '/boards']]),
  ]
  for (const [door = '', path = ''] of doors) out(`  ${door.padEnd(15)}${paint('cyan', url + path)}\n`)
  out('\n')
}

/** The sources with their state, what the configuration is warned about, and one call to copy. */
export const printGreeting = (
  { name: project, diagnostics, access }: Project,
  { sources, warnings, example }: Greeting,
  url: string,
  terminal: Terminal,
  isOneOfSeveral: boolean,
): void => {
  const { out, paint } = terminal
  const width = Math.max(0, ...sources.map((source) => source.name.length))
  if (sources.length > 0) out(isOneOfSeveral ? `Sources of ${project}:\n` : 'Sources:\n')
  for (const { name, type, state, table_count, reason } of sources) {
    const tables = table_count === undefined ? '' : `, ${table_count} ${table_count === 1 ? 'table' : 'tables'}`
    // Why a source is disabled, the diagnostics say, with its place.
    const why = reason === undefined || state === 'disabled' ? '' : `: ${printable(reason.message)}`
    out(`  ${name.padEnd(width)}  ${type}  ${paint(state === 'ready' ? 'green' : 'yellow', state)}${state === 'ready' ? tables : why}\n`)
  }
  if (isOneOfSeveral && warnings.length + diagnostics.length > 0) terminal.err(`${project}:\n`)
  printWarnings(warnings, terminal)
  printDiagnostics(diagnostics, terminal)
  if (example === undefined) {
    out('\nNo source is ready. dft doctor says what to do.\n\n')
    return
  }
  if (sources.some(({ reason }) => reason !== undefined)) out('dft doctor says what to do about those that are not ready.\n')
  const body = JSON.stringify(example).replaceAll("'", "'\\''")
  const credentials = access.isClosed ? ` -H "authorization: Bearer $DATAFACE_KEY"` : ''
  const told = access.keys === undefined ? ', with a token of its authorization server' : ', with a key of dft keys create'
  out(`\nTry it${access.isClosed ? `${told} in DATAFACE_KEY` : ''}:\n`)
  out(`  curl -s ${url}/api/v1/execute_query${credentials} -H 'content-type: application/json' -d '${body}'\n\n`)
}
