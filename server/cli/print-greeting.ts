import type { Project } from '../projects/project.ts'
import { printWarnings } from './call-tool.ts'
import type { Greeting } from './read-greeting.ts'
import { printable, type Terminal } from './terminal.ts'

/** The name of the project and the addresses of its doors. */
export const printDoors = ({ name, description }: Project, url: string, { out, paint }: Terminal): void => {
  out(`${paint('bold', `Dataface serves ${name}`)}${description === undefined ? '' : `: ${printable(description)}`}\n\n`)
  const doors = [
    ['MCP', '/mcp'],
    ['REST', '/api/v1'],
    ['tRPC', '/trpc'],
    ['API reference', '/docs'],
  ]
  for (const [door = '', path = ''] of doors) out(`  ${door.padEnd(15)}${paint('cyan', url + path)}\n`)
  out('\n')
}

/** Warnings that the line of a source says already. */
const saidAtSource: ReadonlySet<string> = new Set(['MISSING_VARIABLE', 'BAD_VARIABLE'])

/** The sources with their state, and one call to copy. */
export const printGreeting = ({ sources, warnings, example }: Greeting, url: string, terminal: Terminal): void => {
  const { out, paint } = terminal
  const width = Math.max(0, ...sources.map((source) => source.name.length))
  if (sources.length > 0) out('Sources:\n')
  for (const { name, type, state, table_count, reason } of sources) {
    const tables = table_count === undefined ? '' : `, ${table_count} ${table_count === 1 ? 'table' : 'tables'}`
    const why = reason === undefined ? '' : `: ${reason.code} ${printable([reason.message, reason.hint ?? ''].join(' ').trim())}`
    out(`  ${name.padEnd(width)}  ${type}  ${paint(state === 'ready' ? 'green' : 'yellow', state)}${state === 'ready' ? tables : why}\n`)
  }
  printWarnings(
    warnings.filter(({ code }) => !saidAtSource.has(code)),
    terminal,
  )
  if (example === undefined) {
    out('\nNo source is ready. dft doctor says what to do.\n')
    return
  }
  const body = JSON.stringify(example).replaceAll("'", "'\\''")
  out(`\nTry it:\n  curl -s ${url}/api/v1/execute_query -H 'content-type: application/json' -d '${body}'\n\nCtrl-C stops.\n`)
}
