import type { Dialect } from '../../server/sources/source.ts'
import type { TablePolicy } from '../../server/sources/table-policy.ts'
import { readCases, readText } from './cases.ts'
import { statementsOf } from './sql-script.ts'

interface SqlCase {
  readonly id: string
  readonly dialect: Dialect
  readonly sql: string
}

/** A text that must be refused, or may run where it does no harm. */
export interface Attack extends SqlCase {
  readonly category: string
  readonly expect: 'reject' | 'reject_or_harmless'
  readonly policy: {
    readonly allowed_schemas?: readonly string[]
    readonly allowed_tables?: readonly string[]
    readonly denied_tables?: readonly string[]
    readonly denied_columns?: readonly string[]
  }
}

/** A text that must be answered as the engine answers it. */
export interface Benign extends SqlCase {
  readonly setup?: string
  readonly setup_upto?: number
}

interface Setup {
  readonly id: string
  readonly base?: string
  readonly statements: readonly string[]
}

/** The attacks on an engine. Templates, which are no statements, are left out. */
export const readAttacks = (dialect: Dialect): Attack[] =>
  readCases<Attack>('sql/attacks.jsonl').filter((found) => found.dialect === dialect && found.sql !== undefined)

/** The statements that make the database which attacks are aimed at. */
export const attackScript = (dialect: Dialect): string[] => statementsOf(readText(`sql/setup/attacks_${dialect}.sql`))

/** The policy of an attack in the words of a project. */
export const policyOf = ({ policy }: Attack): TablePolicy => ({
  schemas: policy.allowed_schemas,
  tables: { deny: policy.denied_tables, allow: policy.allowed_tables },
  ...(policy.denied_columns !== undefined && { columns: { deny: policy.denied_columns } }),
})

/** What stands in data that every policy of the attacks denies. */
export const canary = /S3CRET-CANARY|FDW-PASSWORD-CANARY/

/** Honest queries that share a database: each stage adds its statements to those before, and then its cases run. */
export interface HonestSetup {
  /** Name of a script to load first. */
  readonly base: string | undefined
  readonly stages: readonly { readonly statements: readonly string[]; readonly cases: readonly Benign[] }[]
}

export const readHonest = (dialect: Dialect): HonestSetup[] => {
  const setups = new Map(readCases<Setup>('sql/setup/setups.jsonl').map((setup) => [setup.id, setup]))
  const scriptOf = (id: string | undefined): readonly string[] => {
    if (id === undefined) return []
    if (id.startsWith('attacks_')) return attackScript(dialect)
    const setup = setups.get(id)
    if (setup === undefined) throw new Error(`no set-up is called ${id}`)
    return setup.statements
  }
  const cases = readCases<Benign>('sql/benign.jsonl').filter((found) => found.dialect === dialect)
  return [...Map.groupBy(cases, ({ setup }) => setup)].map(([id, group]) => {
    const script = scriptOf(id)
    const byEnd = [...Map.groupBy(group, ({ setup_upto = script.length }) => setup_upto)].sort(([a], [b]) => a - b)
    return {
      base: setups.get(id ?? '')?.base,
      stages: byEnd.map(([end, found], index) => ({ statements: script.slice(byEnd[index - 1]?.[0] ?? 0, end), cases: found })),
    }
  })
}
