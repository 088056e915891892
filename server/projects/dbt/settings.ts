import type { TemplateValue } from '../../boards/template/value.ts'

/** A dbt project whose source is known. */
export interface DbtSettings {
  /** The folder of `dbt_project.yml`, absolute. */
  readonly dir: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** What templates see of the target: never a secret. */
  readonly target: ReadonlyMap<string, TemplateValue>
  /** Where dbt writes what it has compiled and run. */
  readonly targetPath?: string | undefined
  /** Names of databases that dbt attaches beside its own, in lower case. */
  readonly attached?: readonly string[]
  /** The database file, where it is one. */
  readonly database?: string | undefined
}
