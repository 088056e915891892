import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { SourceType } from '../../../contracts/v1/tools/list-sources.ts'

/** What a file of a source is read as. */
export type Format = 'csv' | 'json' | 'parquet'

/** The format that the type of a source names, or else the extension of the file. */
export const formatOf = (type: SourceType, path: string): Format => {
  if (type === 'csv' || type === 'json' || type === 'parquet') return type
  const extension = /\.([a-z0-9]+)(?:\.gz|\.zst)?$/i.exec(path)?.[1]?.toLowerCase()
  if (extension === 'parquet' || extension === 'pq') return 'parquet'
  if (extension === 'json' || extension === 'ndjson' || extension === 'jsonl' || extension === 'geojson') return 'json'
  return 'csv'
}

/** A file that holds something else than the format it would be read as; says what to write instead. */
export class WrongFormatError extends Error {
  readonly hint: string
  constructor(file: string, content: Content, type: SourceType) {
    super(`WRONG_FORMAT: ${file} holds ${contentNames[content]}`)
    this.hint = wrongFormatHint(file, content, type)
  }
}

/** Throws for the first file that would fail, or be given made-up columns, when it is read in this format. */
export const checkContent = (files: readonly string[], format: Format, type: SourceType): void => {
  for (const file of files) {
    const content = contentOf(file)
    if (content !== undefined && content !== format && !(content === 'text' && format !== 'parquet'))
      throw new WrongFormatError(file, content, type)
  }
}

/** Throws for the first file that is text and no JSON. */
export const checkIsJson = (files: readonly string[], type: SourceType): void => {
  for (const file of files) if (contentOf(file) === 'text') throw new WrongFormatError(file, 'text', type)
}

/** Throws for the first file that begins a list and does not end it: the engine would serve what there is of it. */
export const checkIsWhole = (files: readonly string[]): void => {
  for (const file of files)
    if (contentOf(file) === 'json' && /^(?:\xef\xbb\xbf)?\s*\[/.test(readHead(file)) && /[^\]\s]\s*$/.test(readTail(file)))
      throw new Error(`${file}: the list that it begins has no end`)
}

type Content = Exclude<Format, 'csv'> | 'text' | 'duckdb' | 'sqlite' | 'archive' | 'arrow'

const contentNames: Readonly<Record<Content, string>> = {
  parquet: 'Parquet',
  json: 'JSON',
  text: 'text, and no JSON',
  duckdb: 'a DuckDB database',
  sqlite: 'a SQLite database',
  archive: 'a workbook or an archive',
  arrow: 'Arrow',
}

const wrongFormatHint = (file: string, content: Content, type: SourceType): string => {
  if (content === 'duckdb') return 'Serve it as a source of its own with type: duckdb and path.'
  if (content !== 'parquet' && content !== 'json' && content !== 'text') return 'Export it to CSV, JSON or Parquet, and name that file.'
  if (content === 'text' && formatOf('duckdb', file) === 'json')
    return 'It is not valid JSON: mend the file, or name it .csv and serve it as such if that is what it holds.'
  const format = content === 'text' ? 'csv' : content
  return type === 'duckdb'
    ? `Give the file the extension .${format}, which tells its format here, or serve it by a source with type: ${format}.`
    : `Write type: ${format} in place of type: ${type}. With type: duckdb the extension of each file tells its format.`
}

/** Marks that files begin with, and where they stand. */
const marks: readonly (readonly [mark: string, at: number, content: Content])[] = [
  ['PAR1', 0, 'parquet'],
  ['PARE', 0, 'parquet'],
  ['DUCK', 8, 'duckdb'],
  ['SQLite format 3\0', 0, 'sqlite'],
  ['PK\x03\x04', 0, 'archive'],
  ['\xd0\xcf\x11\xe0', 0, 'archive'],
  ['ARROW1', 0, 'arrow'],
]

/** Of gzip, Zstandard, and text in UTF-16. */
const opaque = ['\x1f\x8b', '\x28\xb5\x2f\xfd', '\xff\xfe', '\xfe\xff']

/** What a file holds by its first bytes; undefined where they do not tell. */
const contentOf = (path: string): Content | undefined => {
  const head = readHead(path)
  const [, , content] = marks.find(([mark, at]) => head.startsWith(mark, at)) ?? []
  if (content !== undefined) return content
  if (head === '' || head.includes('\0') || opaque.some((mark) => head.startsWith(mark))) return undefined
  return /^(?:\xef\xbb\xbf)?\s*(?:\{\s*["}]|\[\s*[[{\]])/.test(head) ? 'json' : 'text'
}

/** The first bytes, one character each. */
const readHead = (path: string): string => readBytes(path, () => 0)

/** The last bytes. */
const readTail = (path: string): string => readBytes(path, (size) => Math.max(0, size - readAtOnce))

const readAtOnce = 512

const readBytes = (path: string, from: (size: number) => number): string => {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(readAtOnce)
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, from(fstatSync(file).size)))
  } finally {
    closeSync(file)
  }
}
