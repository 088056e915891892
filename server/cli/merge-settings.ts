import { isDeepStrictEqual } from 'node:util'
import type { ParseError } from 'jsonc-parser'
import { Fault } from '../envelope/fault.ts'

/** A server to be added to the settings of a client. */
export interface Addition {
  /** Key of the object that holds the servers. */
  readonly section: string
  readonly name: string
  readonly entry: object
}

type Settings = Readonly<Record<string, unknown>>

interface Language {
  /** Throws for a text that is none. */
  parse(text: string): unknown
  /** The text with the addition, its comments and order as they were. */
  add(text: string, addition: Addition): string
}

/**
 * Settings with one server more; everything else in them stays as it is written. `undefined` where they hold that very
 * server already. Throws a `Fault` where they hold another of its name, or are not understood: then nothing is to be written.
 */
export const mergeSettings = async (text: string, format: 'json' | 'toml', addition: Addition): Promise<string | undefined> => {
  const language = format === 'json' ? await jsonLanguage() : await tomlLanguage()
  const before = read(language, text)
  const servers = before[addition.section] === undefined ? {} : before[addition.section]
  if (!isObject(servers)) throw notUnderstood(`its "${addition.section}" is no object`)
  const there = servers[addition.name]
  if (isDeepStrictEqual(plain(there), plain(addition.entry))) return undefined
  if (there !== undefined)
    throw new Fault('CONFLICT', `The settings have another server "${addition.name}" already; nothing was changed.`, {
      hint: 'Remove it there, or give this one another name with --name.',
    })
  const after = language.add(text, addition)
  // What is written is read once more: nothing but the addition may have changed.
  const wanted = { ...before, [addition.section]: { ...servers, [addition.name]: addition.entry } }
  if (!isDeepStrictEqual(plain(read(language, after)), plain(wanted)))
    throw notUnderstood('the server cannot be added without changing the rest')
  return after
}

const isObject = (value: unknown): value is Settings => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Without prototypes, which one of the parsers leaves out. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : JSON.parse(JSON.stringify(value, (_, one: unknown) => (typeof one === 'bigint' ? `${one}n` : one)))

export const notUnderstood = (why: string): Fault =>
  new Fault('VALIDATION_ERROR', `The settings are not understood: ${why}. Nothing was changed.`, {
    hint: 'Correct the file, or add the server by hand: --print shows it.',
  })

const read = ({ parse }: Language, text: string): Settings => {
  let settings: unknown
  try {
    settings = text.trim() === '' ? {} : parse(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    throw notUnderstood((error as Error).message.split('\n')[0] ?? '')
  }
  if (!isObject(settings)) throw notUnderstood('they are no object')
  return settings
}

/** JSON with comments and trailing commas, as editors keep their settings. */
const jsonLanguage = async (): Promise<Language> => {
  const { parse, printParseErrorCode } = await import('jsonc-parser')
  const { insertProperty } = await import('./insert-property.ts')
  return {
    parse(text) {
      const errors: ParseError[] = []
      const value: unknown = parse(text, errors, { allowTrailingComma: true })
      const [first] = errors
      if (first === undefined) return value
      const line = text.slice(0, first.offset).split('\n').length
      throw new Error(`${printParseErrorCode(first.error)} in line ${line}`)
    },
    add(text, { section, name, entry }) {
      const bom = /^\uFEFF/.exec(text)?.[0] ?? ''
      const body = text.slice(bom.length).trim() === '' ? '{}\n' : text.slice(bom.length)
      const isThere = Object.hasOwn(parse(body, [], { allowTrailingComma: true }) as object, section)
      return bom + (isThere ? insertProperty(body, [section], name, entry) : insertProperty(body, [], section, { [name]: entry }))
    },
  }
}

/** A table at the end, which TOML allows in every document that does not hold it yet. */
const tomlLanguage = async (): Promise<Language> => {
  const { parse, stringify } = await import('smol-toml')
  return {
    parse: (text) => parse(text, { integersAsBigInt: 'asNeeded' }),
    add(text, { section, name, entry }) {
      const eol = text.includes('\r\n') ? '\r\n' : '\n'
      const table = stringify({ [section]: { [name]: entry } }).trim()
      const start = text === '' || text.endsWith('\n') ? text : text + eol
      return `${start}${start === '' ? '' : eol}${table.split('\n').join(eol)}${eol}`
    },
  }
}
