import type { CanonicalType } from '../../../contracts/v1/values.ts'
import { embedJson } from '../json-value.ts'
import type { PostgresType } from './types.ts'

/**
 * Turns the text form of a value, as the server sends it, into the JSON text it travels as. An array or a row stops when
 * its JSON is longer than `room`, in UTF-16 units: what it gives is then longer too, and not whole.
 */
export type TextEncoder = (text: string, room: number) => string

/** Characters that JSON must escape, or that need the care of JSON.stringify. */
const needsEscape = /["\\\u0000-\u001f\u007f-\u009f\ud800-\udfff\u2028\u2029]/

export const quoteText: TextEncoder = (text) => (needsEscape.test(text) ? JSON.stringify(text) : `"${text}"`)
const asIs: TextEncoder = (text) => text
const quoted: TextEncoder = (text) => `"${text}"`

/** 'NaN', 'Infinity' and '-Infinity' are quoted. The rest is spelt as JavaScript spells it, so that both databases agree. */
const encodeFloat: TextEncoder = (text) => {
  const last = text.charCodeAt(text.length - 1)
  if (last === 78 || last === 121) return `"${text}"`
  return text.includes('e') ? String(Number(text)) : text
}

/** "0044-03-15 BC" is "-0043-03-15" in ISO 8601, where year 0 is 1 BC. Years past 9999 carry a sign. */
const isoDate = (text: string): string => {
  const dash = text.indexOf('-', 1)
  if (text.endsWith(' BC')) return `-${String(Number(text.slice(0, dash)) - 1).padStart(4, '0')}${text.slice(dash, -3)}`
  return dash > 4 ? `+${text}` : text
}

const encodeDate: TextEncoder = (text) => (text.length === 10 || text.endsWith('infinity') ? `"${text}"` : `"${isoDate(text)}"`)

/** Whether a text begins like "2026-01-31 12": four digits of year, and no more care is due. */
const isUsual = (text: string): boolean =>
  text.charCodeAt(4) === 45 && text.charCodeAt(10) === 32 && text.charCodeAt(text.length - 1) !== 67

const encodeTimestamp = (text: string): string => {
  if (isUsual(text)) return `"${text.slice(0, 10)}T${text.slice(11)}"`
  return text.endsWith('infinity') ? `"${text}"` : `"${isoDate(text).replace(' ', 'T')}"`
}

/** Sessions run in UTC; a statement that sets another zone for itself keeps that offset, with minutes as ISO 8601 wants them. */
const encodeTimestamptz: TextEncoder = (text) => {
  if (text.endsWith('infinity')) return `"${text}"`
  const encoded = encodeTimestamp(text)
  return encoded.replace(/([+-]\d\d)(:\d\d(?::\d\d)?)?"$/, (_all, hours: string, minutes = ':00') =>
    `${hours}${minutes}` === '+00:00' ? 'Z"' : `${hours}${minutes}"`,
  )
}

/** "+02" becomes "+02:00"; "+05:30" stays. */
const encodeTimetz: TextEncoder = (text) => `"${/[+-]\d\d$/.test(text) ? `${text}:00` : text}"`

const encodeBytes: TextEncoder = (text) => `"${Buffer.from(text.slice(2), 'hex').toString('base64')}"`

const byCanonical: Readonly<Record<CanonicalType, TextEncoder>> = {
  boolean: (text) => (text === 't' ? 'true' : 'false'),
  integer: asIs,
  bigint: quoted,
  decimal: quoted,
  float: encodeFloat,
  text: quoteText,
  uuid: quoted,
  date: encodeDate,
  time: quoted,
  timetz: encodeTimetz,
  timestamp: encodeTimestamp,
  timestamptz: encodeTimestamptz,
  interval: quoted,
  bytes: encodeBytes,
  json: embedJson,
  array: quoteText,
  struct: quoteText,
  map: (text) => encodeHstore(text),
  union: quoteText,
  enum: quoteText,
  bit: quoted,
  other: quoteText,
}

/** The encoder of a type; `lookUp` finds the types it is made of. A part that is unknown travels as its text. */
export const encoderOf = (type: PostgresType, lookUp: (oid: number) => PostgresType | undefined): TextEncoder => {
  const part = (oid: number): TextEncoder => {
    const found = lookUp(oid)
    return found === undefined ? quoteText : encoderOf(found, lookUp)
  }
  if (type.base !== undefined) return part(type.base)
  if (type.element !== undefined) {
    const element = part(type.element)
    return (text, room) => encodeArray(text, element, type.delimiter ?? ',', room)
  }
  if (type.fields !== undefined) {
    const fields = type.fields.map((field) => ({ key: JSON.stringify(field.name), encode: part(field.oid) }))
    return (text, room) => encodeComposite(text, fields, room)
  }
  return byCanonical[type.canonical]
}

/** An array literal, of any dimensions, as a JSON array. Lower bounds other than 1 ("[0:1]={...}") have no place in JSON. */
const encodeArray = (text: string, element: TextEncoder, delimiter: string, room: number): string => {
  let at = text.charAt(0) === '[' ? text.indexOf('=') + 1 : 0
  let left = room
  const readList = (): string => {
    const items: string[] = []
    const add = (item: string) => {
      left -= item.length + 1
      items.push(item)
    }
    at++ // {
    while (at < text.length && text[at] !== '}' && left >= 0) {
      if (text[at] === delimiter) at++
      else if (text[at] === '{') items.push(readList())
      else if (text[at] === '"') add(element(readQuoted(), left))
      else {
        const start = at
        while (at < text.length && text[at] !== delimiter && text[at] !== '}') at++
        const item = text.slice(start, at)
        add(item === 'NULL' ? 'null' : element(item, left))
      }
    }
    at++ // }
    return `[${items.join(',')}]`
  }
  const readQuoted = (): string => {
    let value = ''
    for (at++; at < text.length && text[at] !== '"'; at++) {
      if (text[at] === '\\') at++
      value += text[at]
    }
    at++
    return value
  }
  return readList()
}

/** A row literal "(1,"a b",)" as an object; an empty field is null, an empty string is quoted. */
const encodeComposite = (text: string, fields: readonly { key: string; encode: TextEncoder }[], room: number): string => {
  let at = 1
  let left = room
  const members = fields.map(({ key, encode }) => {
    if (left < 0) return `${key}:null`
    let value: string | undefined
    while (at < text.length && text[at] !== ',' && !(text[at] === ')' && at === text.length - 1)) {
      value ??= ''
      if (text[at] === '"') {
        for (at++; at < text.length; at++) {
          if (text[at] === '"') {
            if (text[at + 1] !== '"') break
            at++
          } else if (text[at] === '\\') at++
          value += text[at]
        }
        at++
      } else {
        if (text[at] === '\\') at++
        value += text[at++]
      }
    }
    at++ // , or )
    const member = `${key}:${value === undefined ? 'null' : encode(value, left)}`
    left -= member.length + 1
    return member
  })
  return `{${members.join(',')}}`
}

/** hstore's `"a"=>"1", "b"=>NULL` as a map. The last pair may be cut off. */
const encodeHstore = (text: string): string => {
  const pairs = text.matchAll(/"([^"\\]*(?:\\.[^"\\]*)*)(?:"=>(?:"([^"\\]*(?:\\.[^"\\]*)*)(?:"|$)|NULL)|$)/g)
  const plain = (escaped: string): string => JSON.stringify(escaped.replace(/\\(.)/g, '$1'))
  return `[${[...pairs].map(([, key = '', value]) => `{"key":${plain(key)},"value":${value === undefined ? 'null' : plain(value)}}`).join(',')}]`
}
