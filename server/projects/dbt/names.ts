/** The file that makes a folder a dbt project. */
export const dbtProjectFile = 'dbt_project.yml'

/** Beside it, the vars of a project, for `dbt_project.yml` itself too. */
export const varsFile = 'vars.yml'

/** A setting of dbt from the environment, by both prefixes that its versions have. Empty ones count as not set. */
export const dbtVariable = (env: Readonly<Record<string, string | undefined>>, name: string): string | undefined =>
  [env[`DBT_ENGINE_${name}`], env[`DBT_${name}`]].find((value) => value !== undefined && value !== '')
