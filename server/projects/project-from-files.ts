import { readdirSync, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { ProjectConfig } from '../../contracts/v1/project.ts'
import { Fault } from '../envelope/fault.ts'

const dataFile = /\.(csv|tsv|json|ndjson|jsonl|parquet|pq)(\.gz|\.zst)?$/i
const databaseFile = /\.(duckdb|ddb)$/i

/**
 * A project made of files and folders without any configuration: data files become the tables of one source `files`,
 * each DuckDB file a source of its own. Throws VALIDATION_ERROR when a path does not exist or nothing can be served.
 */
export const projectFromFiles = (paths: readonly string[]): ProjectConfig => {
  const files: Record<string, string> = {}
  const sources: ProjectConfig['sources'] = {}
  for (const path of paths.flatMap(expandFolder)) {
    const name = nameOf(path)
    if (databaseFile.test(path)) sources[freeName(name, sources)] = { type: 'duckdb', path: resolve(path) }
    else if (dataFile.test(path)) files[freeName(name, files)] = resolve(path)
    else
      throw new Fault('VALIDATION_ERROR', `"${path}" is not a file that can be served.`, {
        hint: 'Serve csv, tsv, json, ndjson, parquet or duckdb files.',
      })
  }
  if (Object.keys(files).length > 0) sources[freeName('files', sources)] = { type: 'duckdb', files }
  if (Object.keys(sources).length === 0)
    throw new Fault('VALIDATION_ERROR', 'There is no file to serve.', {
      hint: 'Serve csv, tsv, json, ndjson, parquet or duckdb files, or a folder with dataface.yml.',
    })
  return { name: slug(nameOf(paths[0] as string)), sources }
}

const expandFolder = (path: string): string[] => {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) throw new Fault('VALIDATION_ERROR', `"${path}" does not exist.`, { hint: 'Check the path.' })
  if (!stat.isDirectory()) return [path]
  return readdirSync(path)
    .filter((file) => dataFile.test(file) || databaseFile.test(file))
    .sort()
    .map((file) => join(path, file))
}

/** The file's name as a table: without extensions, odd characters as underscores. */
const nameOf = (path: string): string => {
  const name = basename(resolve(path))
    .replace(/(\.[a-z0-9]+)(\.gz|\.zst)?$/i, '')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .toLowerCase()
  return /^[a-z_]/.test(name) ? name : `t_${name}`
}

const freeName = (name: string, taken: Readonly<Record<string, unknown>>): string => {
  if (!(name in taken)) return name
  let suffix = 2
  while (`${name}_${suffix}` in taken) suffix++
  return `${name}_${suffix}`
}

const slug = (name: string): string => {
  const plain = name
    .normalize('NFKD')
    .replace(/[^a-z0-9_-]/g, '')
    .slice(0, 60)
  return /^[a-z]/.test(plain) ? plain : `files${plain}`
}
