import { open, readdir, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import type { ProjectConfig, SourceConfig } from '../../contracts/v1/project.ts'
import { type Diagnostic, type DiagnosticCode, ProjectError } from './diagnostic.ts'

const tableFile = /\.(csv|tsv|json|ndjson|jsonl|parquet|pq)(\.gz|\.zst)?$/i
const databaseFile = /\.(duckdb|ddb|db)$/i
/** Whether a file can be served, by its name. */
export const isDataFile = (name: string): boolean => tableFile.test(name) || databaseFile.test(name)

/** A folder with more data files than this wants a project file with globs. */
const maxFiles = 500

/** A project that nobody wrote down, made of files. */
export interface FilesProject {
  /** Settings with absolute paths. */
  readonly config: ProjectConfig
  /** Files that were left out, as warnings. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Makes the settings of a project out of data files and folders of them: one source `files` whose tables are the files, and
 * one source per DuckDB database. Throws `ProjectError` when a path does not exist or nothing can be served.
 */
export const projectFromFiles = async (paths: readonly string[]): Promise<FilesProject> => {
  const diagnostics: Diagnostic[] = []
  const tables = new Map<string, string>()
  const sources = new Map<string, SourceConfig>()
  let datapackage: string | undefined

  const note = (level: Diagnostic['level'], code: DiagnosticCode, path: string, message: string, hint?: string) =>
    diagnostics.push({ level, code, file: basename(path), line: 1, column: 1, message, ...(hint !== undefined && { hint }) })

  const add = async (path: string): Promise<boolean> => {
    if (databaseFile.test(path)) {
      if (!(await isDuckdb(path))) return false
      sources.set(freeName(slugOf(stem(path), 'database'), sources, extname(path)), { type: 'duckdb', path })
      return true
    }
    if (!tableFile.test(path)) return false
    tables.set(freeName(tableNameOf(stem(path)), tables, extname(path)), path)
    return true
  }

  for (const given of paths) {
    const path = resolve(given)
    const found = await stat(path).catch(() => undefined)
    if (found === undefined) {
      note('error', 'FILE_NOT_FOUND', given, `There is no file or folder "${given}".`)
    } else if (found.isDirectory()) {
      const entries = (await readdir(path, { withFileTypes: true })).filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
      const names = entries.map((entry) => entry.name).sort()
      for (const name of names) {
        if (name === 'datapackage.json') datapackage = join(path, name)
        else if (tables.size + sources.size >= maxFiles) {
          note(
            'warning',
            'UNKNOWN_FILE_TYPE',
            given,
            `Only the first ${maxFiles} files are served.`,
            'Write a dataface.yml that serves them by glob.',
          )
          break
        } else await add(join(path, name))
      }
    } else if (!(await add(path))) {
      note(
        'error',
        'UNKNOWN_FILE_TYPE',
        given,
        `"${basename(given)}" is no file that can be served.`,
        'Serve csv, tsv, json, ndjson, parquet or DuckDB files.',
      )
    }
  }

  if (tables.size > 0)
    sources.set(freeName('files', sources, ''), {
      type: 'duckdb',
      files: Object.fromEntries(tables),
      ...(datapackage !== undefined && { datapackage }),
    })
  if (sources.size === 0 && !diagnostics.some((finding) => finding.level === 'error'))
    note(
      'error',
      'NO_SOURCES',
      paths[0] ?? '.',
      'There is no file here that can be served.',
      'Serve csv, tsv, json, ndjson, parquet or DuckDB files.',
    )
  if (diagnostics.some((finding) => finding.level === 'error')) throw new ProjectError(diagnostics)
  return {
    config: { name: slugOf(stem(resolve(paths[0] ?? '.')), 'files').slice(0, 63), sources: Object.fromEntries(sources) },
    diagnostics,
  }
}

const stem = (path: string): string => basename(path).replace(tableFile, '').replace(databaseFile, '')

/** Letters of any script, digits and _, in lower case; does not start with a digit. */
const tableNameOf = (name: string): string => {
  const plain = name
    .normalize('NFC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
  if (plain === '') return 'table'
  return /^\p{N}/u.test(plain) ? `t_${plain}` : plain
}

/** Lower-case letters, digits and _; starts with a letter. */
const slugOf = (name: string, fallback: string): string => {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 50)
  if (slug === '') return fallback
  return /^[a-z]/.test(slug) ? slug : `${fallback}_${slug}`
}

/** The name, or with the file's extension, or with a number, whichever is free first. */
const freeName = (name: string, taken: ReadonlyMap<string, unknown>, extension: string): string => {
  if (!taken.has(name)) return name
  const withExtension = `${name}_${extension.slice(1).toLowerCase()}`
  if (extension !== '' && !taken.has(withExtension)) return withExtension
  for (let number = 2; ; number++) if (!taken.has(`${name}_${number}`)) return `${name}_${number}`
}

/** Other databases use `.db` too; DuckDB writes its name after an eight-byte checksum. */
const isDuckdb = async (path: string): Promise<boolean> => {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return false
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0)
    return bytesRead === 12 && buffer.toString('latin1', 8, 12) === 'DUCK'
  } finally {
    await file.close()
  }
}
