/**
 * JSON that was written once, close to the driver, and travels to the wire without being parsed again: text, or its
 * UTF-8 bytes. Holds exactly one JSON value. `JSON.stringify` of something that holds one still works, at the price of
 * a parse.
 */
export class EncodedJson {
  readonly #json: string | Buffer

  constructor(json: string | Buffer) {
    this.#json = json
  }

  get text(): string {
    return typeof this.#json === 'string' ? this.#json : this.#json.toString('utf8')
  }

  /** Text when it is short, else bytes: short values are cheaper to join, long ones to copy. */
  get piece(): string | Buffer {
    return this.#json.length < shortBytes ? this.text : this.#json
  }

  get byteLength(): number {
    return Buffer.byteLength(this.#json)
  }

  /** Its UTF-8 bytes in a buffer of their own. */
  copyBytes(): Uint8Array<ArrayBuffer> {
    return typeof this.#json === 'string' ? new TextEncoder().encode(this.#json) : new Uint8Array(this.#json)
  }

  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

const shortBytes = 4096

/**
 * The JSON of a plain object whose direct values may be `EncodedJson`, as pieces to be joined; keys with undefined are
 * left out, as in JSON.
 */
export const encodeObject = (object: Readonly<Record<string, unknown>>): (string | Buffer)[] => {
  const pieces: (string | Buffer)[] = []
  let text = ''
  for (const key in object) {
    const value = object[key]
    if (value === undefined) continue
    text += `${pieces.length === 0 && text === '' ? '{' : ','}"${key}":`
    const piece = value instanceof EncodedJson ? value.piece : encodeValue(value)
    if (typeof piece === 'string') text += piece
    else {
      pieces.push(text, piece)
      text = ''
    }
  }
  pieces.push(text === '' && pieces.length === 0 ? '{}' : `${text}}`)
  return pieces
}

/** Most members are counts: a number that is one is its own JSON. */
const encodeValue = (value: unknown): string => (Number.isInteger(value) ? `${value as number}` : JSON.stringify(value))
