import type {
  DuckDBArrayType,
  DuckDBBlobValue,
  DuckDBListType,
  DuckDBListVector,
  DuckDBMapType,
  DuckDBStructType,
  DuckDBStructVector,
  DuckDBType,
  DuckDBUnionType,
  DuckDBVector,
} from '@duckdb/node-api'
import { DuckDBTypeId as Id } from '@duckdb/node-api'
import { maxConvertedBytes } from '../row-writer.ts'
import { encodeBlob, encoderOf, isJson, isUnnamed, nullable } from './values.ts'

/**
 * Writes the JSON of the value at `index` of a vector. Nothing is read of a list or a text beyond what makes its JSON
 * longer than `room`, in UTF-16 units: what is given is then longer too, and not whole.
 */
export type ValueWriter = (vector: DuckDBVector, index: number, room: number) => string

export type CellWriter = (vector: DuckDBVector, index: number) => string

/** Parts of vectors that the driver keeps to itself: it gives them only as values, all of them at once. */
interface Inner {
  readonly listVector: DuckDBListVector
  readonly structVector: DuckDBStructVector
  readonly childData: DuckDBVector
  readonly validity: { itemValid(index: number): boolean }
}
const inside = (vector: DuckDBVector): Inner => vector as unknown as Inner

/** The writer of a type, made once per column. */
export const valueWriterOf = (type: DuckDBType): ValueWriter => {
  switch (type.typeId) {
    case Id.VARCHAR:
      return textWriter(type)
    case Id.BLOB:
      return (vector, index, room) => {
        const value = vector.getItem(index) as DuckDBBlobValue | null
        return value === null ? 'null' : encodeBlob(value.bytes.subarray(0, room))
      }
    case Id.LIST: {
      const write = valueWriterOf((type as DuckDBListType).valueType)
      return (vector, index, room) => {
        const items = itemsOf(vector as DuckDBListVector, index, room)
        return items === null ? 'null' : `[${joinParts(items.itemCount, room, (item, left) => write(items, item, left))}]`
      }
    }
    case Id.ARRAY: {
      const { length, valueType } = type as DuckDBArrayType
      const write = valueWriterOf(valueType)
      return (vector, index, room) => {
        const { childData, validity } = inside(vector)
        if (!validity.itemValid(index)) return 'null'
        const items = childData.slice(index * length, length)
        return `[${joinParts(length, room, (item, left) => write(items, item, left))}]`
      }
    }
    case Id.STRUCT: {
      const unnamed = isUnnamed(type)
      const [open, close] = unnamed ? '[]' : '{}'
      const { entryNames, entryTypes } = type as DuckDBStructType
      const fields = entryTypes.map((entryType, index) => ({
        key: unnamed ? '' : `${JSON.stringify(entryNames[index])}:`,
        write: valueWriterOf(entryType),
      }))
      return (vector, index, room) => {
        const struct = vector as DuckDBStructVector
        if (!struct.isItemValid(index)) return 'null'
        return `${open}${joinParts(fields.length, room, (entry, left) => {
          const { key, write } = fields[entry] as (typeof fields)[number]
          return `${key}${write(struct.entryVectorAt(entry), index, left)}`
        })}${close}`
      }
    }
    case Id.MAP: {
      const { keyType, valueType } = type as DuckDBMapType
      const writeKey = valueWriterOf(keyType)
      const writeValue = valueWriterOf(valueType)
      return (vector, index, room) => {
        const entries = itemsOf(inside(vector).listVector, index, room) as DuckDBStructVector | null
        if (entries === null) return 'null'
        const [keys, values] = [entries.entryVectorAt(0), entries.entryVectorAt(1)]
        return `[${joinParts(
          entries.itemCount,
          room,
          (entry, left) => `{"key":${writeKey(keys, entry, left)},"value":${writeValue(values, entry, left)}}`,
        )}]`
      }
    }
    case Id.UNION: {
      const { memberTags, memberTypes } = type as DuckDBUnionType
      const writers = memberTypes.map(valueWriterOf)
      return (vector, index, room) => {
        const { structVector } = inside(vector)
        const tag = structVector.getItemValue(index, 0)
        if (tag === null) return 'null'
        const member = Number(tag)
        const value = (writers[member] as ValueWriter)(structVector.entryVectorAt(member + 1), index, room)
        return `{"tag":${JSON.stringify(memberTags[member])},"value":${value}}`
      }
    }
    default:
      return viaValue(type)
  }
}

/** Types whose values are short, or that the driver reads only whole. */
const viaValue = (type: DuckDBType): ValueWriter => {
  const encode = nullable(encoderOf(type))
  return (vector, index) => encode(vector.getItem(index))
}

const textWriter = (type: DuckDBType): ValueWriter => {
  const encode = encoderOf(type)
  const most = isJson(type) ? maxConvertedBytes : (room: number) => room
  return (vector, index, room) => {
    const text = vector.getItem(index) as string | null
    if (text === null) return 'null'
    return text.length > most(room) ? JSON.stringify(text.slice(0, room)) : encode(text)
  }
}

/** The items of a list; no more than can matter, since the driver copies them. */
const itemsOf = (list: DuckDBListVector, index: number, room: number): DuckDBVector | null =>
  inside(list).validity.itemValid(index)
    ? list.childVector.slice(list.getEntryOffset(index), Math.min(list.getEntryLength(index), room + 1))
    : null

/** The parts of a list or an object, until they are longer than `room`. */
const joinParts = (count: number, room: number, write: (part: number, left: number) => string): string => {
  let text = ''
  for (let part = 0; part < count && text.length <= room; part++) text += (part === 0 ? '' : ',') + write(part, room - text.length)
  return text
}

/** As `valueWriterOf`, for a cell of at most `maxBytes`; a longer text or blob is handed to `cut`, see `cutText`. */
export const cellWriterOf = (type: DuckDBType, maxBytes: number, cut: (text: string, whole: number | undefined) => string): CellWriter => {
  const write = valueWriterOf(type)
  const most = isJson(type) ? maxConvertedBytes(maxBytes) : maxBytes
  if (type.typeId === Id.VARCHAR)
    return (vector, index) => {
      const text = vector.getItem(index) as string | null
      if (text === null || text.length <= most) return write(vector, index, maxBytes)
      return cut(text.slice(0, maxBytes), isJson(type) ? undefined : Buffer.byteLength(text))
    }
  if (type.typeId === Id.BLOB)
    return (vector, index) => {
      const value = vector.getItem(index) as DuckDBBlobValue | null
      if (value === null || value.bytes.length <= most) return write(vector, index, maxBytes)
      return cut(Buffer.from(value.bytes.subarray(0, maxBytes)).toString('base64'), Math.ceil(value.bytes.length / 3) * 4)
    }
  return (vector, index) => write(vector, index, maxBytes)
}
