const quote = 34
const backslash = 92
const firstPrintable = 32
/** Runs up to this length are copied byte by byte, which beats a call into the engine. */
const shortRun = 48

/** The letter after the backslash of control characters that have a short form. */
const shortForms: Readonly<Record<number, number>> = { 8: 98, 9: 116, 10: 110, 12: 102, 13: 114 }

/**
 * Memory of texts that are done with, for the next ones, smallest first: new memory costs more, in itself and to the
 * garbage collector, than writing into it.
 */
const spare: Buffer[] = []
const mostSpare = 8
const largestSpare = 2 * 1024 * 1024

const takeMemory = (capacity: number): Buffer => {
  const found = spare.findIndex(({ length }) => length >= capacity)
  return found === -1 ? Buffer.allocUnsafeSlow(capacity) : (spare.splice(found, 1)[0] as Buffer)
}

const keepMemory = (bytes: Buffer): void => {
  if (bytes.length > largestSpare) return
  const next = spare.findIndex(({ length }) => length >= bytes.length)
  spare.splice(next === -1 ? spare.length : next, 0, bytes)
  if (spare.length > mostSpare) spare.shift()
}

const noBytes = Buffer.alloc(0)

/** JSON text as UTF-8 bytes, grown as it is written. */
export class JsonBytes {
  #bytes: Buffer
  #at = 0

  readonly #isReused: boolean

  /** `capacity`: bytes that are likely to be written. `isReused`: in memory that `take` or `release` gives to the next text. */
  constructor(capacity = 1024, isReused = false) {
    this.#isReused = isReused
    this.#bytes = isReused ? takeMemory(capacity) : Buffer.allocUnsafe(capacity)
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at
  }

  byte(value: number): void {
    this.#reserve(1)
    this.#bytes[this.#at++] = value
  }

  /** Writes text as it is. */
  text(text: string): void {
    this.#reserve(text.length * 3)
    this.#at += this.#bytes.write(text, this.#at, 'utf8')
  }

  /** Copies bytes as they are. */
  copy(source: Buffer, start: number, end: number): void {
    const size = end - start
    this.#reserve(size)
    const target = this.#bytes
    if (size > shortRun) source.copy(target, this.#at, start, end)
    else for (let i = 0; i < size; i++) target[this.#at + i] = source[start + i] as number
    this.#at += size
  }

  /** Copies bytes that need no escape between quotes. */
  quoted(source: Buffer, start: number, end: number): void {
    this.byte(quote)
    this.copy(source, start, end)
    this.byte(quote)
  }

  /** Copies UTF-8 text as the inside of a JSON string, escaped as JSON.stringify escapes it. */
  escaped(source: Buffer, start: number, end: number): void {
    this.#reserve((end - start) * 2)
    let target = this.#bytes
    let at = this.#at
    for (let i = start; i < end; i++) {
      const value = source[i] as number
      if (value === quote || value === backslash) {
        target[at++] = backslash
        target[at++] = value
      } else if (value >= firstPrintable) target[at++] = value
      else {
        this.#at = at
        this.#escapeControl(value, (end - i) * 2)
        target = this.#bytes
        at = this.#at
      }
    }
    this.#at = at
  }

  /** Lets `write` write at most `most` bytes from an offset on; it gives the offset behind them. */
  fill(most: number, write: (target: Buffer, at: number) => number): void {
    this.#reserve(most)
    this.#at = write(this.#bytes, this.#at)
  }

  /** Takes back what was written after `length`. */
  truncate(length: number): void {
    this.#at = length
  }

  /** What was written; nothing may be written afterwards. */
  finish(): Buffer {
    return this.#bytes.subarray(0, this.#at)
  }

  /** What was written, in memory of its own; nothing may be written afterwards. */
  take(): Buffer {
    const taken = Buffer.from(this.finish())
    this.release()
    return taken
  }

  /** Gives reused memory to the next text: what `finish` gave may not be looked at afterwards. */
  release(): void {
    if (this.#isReused) keepMemory(this.#bytes)
    this.#bytes = noBytes
    this.#at = 0
  }

  /** `after`: bytes that must still fit behind it. */
  #escapeControl(value: number, after: number): void {
    this.#reserve(6 + after)
    const short = shortForms[value]
    this.#at += this.#bytes.write(
      short === undefined ? `\\u00${value.toString(16).padStart(2, '0')}` : `\\${String.fromCharCode(short)}`,
      this.#at,
    )
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#bytes.length) return
    const capacity = Math.max(this.#at + size, this.#bytes.length * 2)
    const grown = this.#isReused ? takeMemory(capacity) : Buffer.allocUnsafe(capacity)
    this.#bytes.copy(grown, 0, 0, this.#at)
    if (this.#isReused) keepMemory(this.#bytes)
    this.#bytes = grown
  }
}
