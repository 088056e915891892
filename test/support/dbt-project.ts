import { cp, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type Dataface, openDataface } from '../../server/main.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { type AskInside, askInside } from './ask-inside.ts'
import { writeDatabase } from './duckdb.ts'
import { root } from './project-files.ts'

/** A dbt project in a folder of its own. */
export interface DbtFolder {
  readonly dir: string
  /** Writes a file; null removes it. */
  write(path: string, text: string | null): Promise<void>
  /** Sets when a file was changed, seconds from now. */
  touch(path: string, seconds: number): Promise<void>
  serve(options?: { readonly dir?: string; readonly env?: Readonly<Record<string, string>> }): Promise<ServedDbt>
  close(): Promise<void>
}

export interface ServedDbt extends AskInside {
  readonly dataface: Dataface
  /** Lines that were logged, of every level. */
  readonly logged: readonly string[]
}

/** Tables as a run of dbt would make them of test/fixtures/dbt/shop. */
export const shopTables = [
  'CREATE SCHEMA landing',
  'CREATE SCHEMA main_prepared',
  'CREATE SCHEMA main_lists',
  'CREATE SCHEMA main_people',
  'CREATE SCHEMA history',
  "CREATE TABLE landing.till_receipts AS SELECT i AS receipt_id, 1 + i % 2 AS tea_id, i % 5 AS guest_id, CASE i % 3 WHEN 0 THEN 'cash' ELSE 'card' END AS kind, '1111' AS card_number, 2.5 * i AS amount FROM range(12) t(i)",
  'CREATE VIEW main_prepared.stg_receipts AS SELECT * FROM landing.till_receipts',
  "CREATE TABLE main_lists.teas AS SELECT 1 AS tea_id, 'Assam' AS name UNION ALL SELECT 2, 'Sencha'",
  'CREATE TABLE main.fct_sales AS SELECT * FROM landing.till_receipts',
  'CREATE TABLE main.guests AS SELECT DISTINCT guest_id FROM landing.till_receipts',
  'CREATE TABLE main.report_v1 AS SELECT 1 AS id',
  'CREATE TABLE main.report_v2 AS SELECT 2 AS id',
  'CREATE TABLE main_people.wages AS SELECT 1 AS person_id, 10 AS wage',
  'CREATE TABLE history.guests_history AS SELECT 1 AS guest_id',
]

/** An empty folder, or a copy of the shop of test/fixtures/dbt with its tables. */
export const dbtFolder = async (from: 'shop' | 'nothing' = 'shop', files: Readonly<Record<string, string>> = {}): Promise<DbtFolder> => {
  const dir = await mkdtemp(join(tmpdir(), 'dft-dbt-'))
  const served: Dataface[] = []
  const write: DbtFolder['write'] = async (path, text) => {
    const file = join(dir, path)
    if (text === null) return rm(file, { force: true })
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
  }
  if (from === 'shop') {
    await cp(resolve(root, 'test/fixtures/dbt/shop'), dir, { recursive: true })
    writeDatabase(join(dir, 'tea.duckdb'), ...shopTables)
  }
  for (const [path, text] of Object.entries(files)) await write(path, text)
  return {
    dir,
    write,
    touch: (path, seconds) => utimes(join(dir, path), Date.now() / 1000 + seconds, Date.now() / 1000 + seconds),
    async serve({ dir: folder = dir, env = {} } = {}) {
      const logged: string[] = []
      const log = createJsonLog((line) => void logged.push(line), 'debug')
      const dataface = openDataface({ project: await openProject({ dir: folder, env, log }), log })
      served.push(dataface)
      return {
        dataface,
        logged,
        ...askInside(dataface),
      }
    },
    async close() {
      for (const one of served) await one.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
