/**
 * JSON text that was written once, close to the driver, and travels to the wire without being parsed again.
 * Holds exactly one JSON value. `JSON.stringify` of something that holds one still works, at the price of a parse.
 */
export class EncodedJson {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
  toJSON(): unknown {
    return JSON.parse(this.text)
  }
}

/** The JSON of a plain object whose direct values may be `EncodedJson`; keys with undefined are left out, as in JSON. */
export const encodeObject = (object: Readonly<Record<string, unknown>>): string => {
  let text = '{'
  for (const key in object) {
    const value = object[key]
    if (value === undefined) continue
    if (text.length > 1) text += ','
    text += `${JSON.stringify(key)}:${value instanceof EncodedJson ? value.text : JSON.stringify(value)}`
  }
  return `${text}}`
}
