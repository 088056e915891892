import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { askRelation } from './ask-relation.ts'
import { type DbtFolder, dbtFolder, type ServedDbt } from './dbt-project.ts'
import { writeDatabase } from './duckdb.ts'

/** The files of a dbt project with a DuckDB file, and no models. */
export const labFiles = {
  'dbt_project.yml': 'name: lab\nprofile: lab\n',
  'profiles.yml': 'lab: {target: dev, outputs: {dev: {type: duckdb, path: lab.duckdb, schema: dev}}}\n',
}

/** A dbt project that is served, and its folder. */
export interface Lab extends ServedDbt {
  readonly folder: DbtFolder
}

/** Serves a dbt project with these files and tables, each with one row that tells its name; it ends with the test. */
export const serveLab = async (files: Readonly<Record<string, string>>, tables: readonly string[] = []): Promise<Lab> => {
  const folder = await dbtFolder('nothing', { ...labFiles, ...files })
  onTestFinished(() => folder.close())
  const schemas = [...new Set(tables.map((name) => name.split('.')[0]))]
  writeDatabase(
    join(folder.dir, 'lab.duckdb'),
    ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS "${schema}"`),
    ...tables.map((name) => `CREATE TABLE ${name.replace('.', '."')}" AS SELECT '${name}' AS told`),
  )
  return { ...(await folder.serve()), folder }
}

/** The row of the table that a board names, or the finding. */
export const askLab = (served: ServedDbt, relation: string): Promise<unknown> => askRelation(served, 'lab', 'told', relation)

/** Codes and places of what was found in the files. */
export const findingsOf = async (served: ServedDbt): Promise<string[]> => {
  const dbt = served.dataface.project.sources.get('lab')?.dbt
  return ((await dbt?.examine())?.findings ?? []).map(({ code, place }) => `${code} ${place}`)
}
