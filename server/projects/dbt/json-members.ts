import { createReadStream } from 'node:fs'

/** A member larger than this is skipped, bytes: no description of a table is so long. */
const maxMemberBytes = 16 * 1024 * 1024
const chunkBytes = 256 * 1024

const quote = 0x22
const backslash = 0x5c
const open = 0x7b
const close = 0x7d
const openList = 0x5b
const closeList = 0x5d
const comma = 0x2c
const colon = 0x3a
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

export interface JsonMembers {
  /** Takes each member of the parts that are wanted, parsed; undefined for one that is too large. */
  readonly onMember: (part: string, name: string, value: unknown) => void
  /** Keys of the outermost object that are wanted. Their value must be an object. */
  readonly parts: ReadonlySet<string>
}

/**
 * Reads a large JSON file piece by piece: of its outermost object only the members of the parts that are wanted are ever
 * held, one at a time. Throws when the file is no JSON object, ends early, or cannot be read.
 */
export const readJsonMembers = async (path: string, { parts, onMember }: JsonMembers): Promise<void> => {
  let depth = 0
  let inString = false
  let escaped = false
  let done = false
  /** The part whose members are read; undefined while it is skipped. */
  let part: string | undefined
  let key: string | undefined
  /** Bytes of the key, or of the value, that is kept at the moment. */
  let kept: Buffer[] | undefined
  let keptBytes = 0
  let isTooLarge = false
  /** What the kept bytes will be. */
  let keeps: 'key' | 'value' | undefined
  /** Whether a key may come next, at the depth of keys. */
  let expectsKey = false

  const finish = (): string => {
    const text = Buffer.concat(kept ?? []).toString('utf8')
    kept = undefined
    keeps = undefined
    return text
  }
  /** The depth at which the keys stand that are looked at now. */
  const keyDepth = () => (part === undefined ? 1 : 2)

  for await (const piece of createReadStream(path, { highWaterMark: chunkBytes })) {
    const bytes = piece as Buffer
    let from = 0
    const keepUntil = (end: number): void => {
      if (kept === undefined) return
      keptBytes += end - from
      if (keptBytes > maxMemberBytes) {
        isTooLarge = true
        kept = []
      } else kept.push(bytes.subarray(from, end))
    }
    const begin = (what: 'key' | 'value', at: number): void => {
      kept = []
      keptBytes = 0
      isTooLarge = false
      keeps = what
      from = at
    }
    const endValue = (at: number): void => {
      keepUntil(at)
      const name = key ?? ''
      key = undefined
      const text = finish()
      onMember(part as string, name, isTooLarge ? undefined : JSON.parse(text))
    }
    for (let at = 0; at < bytes.length; at++) {
      const byte = bytes[at] as number
      if (inString) {
        if (escaped) escaped = false
        else if (byte === backslash) escaped = true
        else if (byte === quote) {
          inString = false
          if (keeps === 'key') {
            keepUntil(at + 1)
            key = JSON.parse(finish()) as string
          }
        }
        continue
      }
      if (done) {
        if (!isBlank(byte)) throw new SyntaxError('There is more than one value.')
        continue
      }
      switch (byte) {
        case quote:
          inString = true
          if (expectsKey && depth === keyDepth()) {
            begin('key', at)
            expectsKey = false
          }
          break
        case open:
        case openList:
          if (depth === 0 && byte !== open) throw new SyntaxError('This is no object.')
          depth++
          if (depth === 1) expectsKey = true
          else if (depth === 2 && part === undefined && key !== undefined && parts.has(key) && byte === open) {
            part = key
            key = undefined
            expectsKey = true
          }
          break
        case close:
        case closeList:
          if (depth === 2 && part !== undefined) {
            if (keeps === 'value') endValue(at)
            part = undefined
            key = undefined
          }
          depth--
          if (depth < 0) throw new SyntaxError('A bracket closes nothing.')
          done = depth === 0
          break
        case comma:
          if (part !== undefined && depth === 2) {
            if (keeps === 'value') endValue(at)
            expectsKey = true
          } else if (part === undefined && depth === 1) {
            key = undefined
            expectsKey = true
          }
          break
        case colon:
          if (part !== undefined && depth === 2 && key !== undefined) begin('value', at + 1)
          break
        default:
          if (depth === 0 && !isBlank(byte) && byte < 0x80) throw new SyntaxError('This is no object.')
      }
    }
    keepUntil(bytes.length)
    from = 0
  }
  if (!done) throw new SyntaxError('The file ends early.')
}
