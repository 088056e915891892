/**
 * The result of `tools/call`. Structured content is the envelope; beside it stands what a model reads, since hosts show
 * it the one or the other and seldom both. See docs/decisions/0020.
 */
import type { Reading } from '../../../contracts/define-contract.ts'
import type { DeprecatedVersion } from '../../dispatch/load-version.ts'
import { csvField, writeCsvInJson } from '../../envelope/csv-of-rows.ts'
import { EncodedJson } from '../../envelope/encoded-json.ts'
import { type Envelope, encodePieces, type Success } from '../../envelope/envelope.ts'
import { JsonBytes } from '../../envelope/json-bytes.ts'

/** The members `content`, `structuredContent` and `isError` of a result, as JSON between two texts. */
export const encodeToolResult = (envelope: Envelope, reading: Reading | undefined, before: string, after: string): JsonBytes => {
  const structured = envelope.success && reading?.kind === 'document' ? withoutDocument(envelope, reading) : envelope
  const pieces = encodePieces(structured)
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
  // The answer, and its text with some escapes; it grows when there are more.
  const out = new JsonBytes(Math.ceil(size * 3) + 1024, true)
  out.text(`${before}"content":[`)
  if (!envelope.success || reading === undefined) writeJsonItem(out, pieces)
  else if (reading.kind === 'table') writeTableItem(out, envelope, reading)
  else writeDocumentItems(out, envelope, reading, structured === envelope, pieces)
  out.text('],"structuredContent":')
  for (const piece of pieces) {
    if (typeof piece === 'string') out.text(piece)
    else out.copy(piece, 0, piece.length)
  }
  out.text(`,"isError":${!envelope.success}${after}`)
  return out
}

/** The member `_meta` of a result with a comma before it, as JSON text: `members`, and that its contract will go. Empty when there are none. */
export const deprecationMeta = (deprecated: DeprecatedVersion | undefined, members?: string): string => {
  if (deprecated === undefined) return members === undefined ? '' : `,"_meta":{${members}}`
  const { tool: _tool, ...told } = deprecated
  return `,"_meta":{${members === undefined ? '' : `${members},`}"io.dataface/deprecated":${JSON.stringify(told)}}`
}

type Pieces = ReturnType<typeof encodePieces>
type Table = Extract<Reading, { kind: 'table' }>
type Document = Extract<Reading, { kind: 'document' }>

/** The JSON itself, as the specification asks for clients that read only text. */
const writeJsonItem = (out: JsonBytes, pieces: Pieces): void => {
  out.text('{"type":"text","text":"')
  for (const piece of pieces) writeEscaped(out, piece)
  out.text('"}')
}

/** Rows as CSV, or as the text that was asked for, and behind an empty line what must be known of them. */
const writeTableItem = (out: JsonBytes, { data, warnings }: Success, { columns, rows, text, facts }: Table): void => {
  out.text('{"type":"text","text":"')
  if (data[rows] === undefined) writeEscaped(out, String(data[text]))
  else {
    const names = (data[columns] as readonly { readonly name: string }[]).map(({ name }) => csvField(name))
    writeEscaped(out, `${names.join(',')}\n`)
    writeCsvInJson(out, bytesOf(data[rows]))
  }
  const told = facts.filter((name) => data[name] !== undefined).map((name) => [name, data[name]])
  writeEscaped(out, `\n${JSON.stringify({ ...Object.fromEntries(told), ...(warnings.length > 0 && { warnings }) })}`)
  out.text('"}')
}

/** A text to read in place of its JSON; any other document as an item of its own behind the rest of the answer. */
const writeDocumentItems = (
  out: JsonBytes,
  { data, warnings }: Success,
  { content, mediaType }: Document,
  isWhole: boolean,
  pieces: Pieces,
): void => {
  const [document, type] = [data[content], String(data[mediaType])]
  if (document === undefined) writeJsonItem(out, pieces)
  else if (isWhole) {
    const told = warnings.length === 0 ? '' : `\n${JSON.stringify({ warnings })}`
    out.text(`{"type":"text","text":${JSON.stringify(`${document}${told}`)}}`)
  } else {
    writeJsonItem(out, pieces)
    out.text(
      isPicture(type)
        ? `,{"type":"image","data":"${document}","mimeType":${JSON.stringify(type)}}`
        : `,{"type":"text","text":${JSON.stringify(document)},"annotations":{"audience":["user"]}}`,
    )
  }
}

/** The answer without a document that is an item of its own; plain text stays, since some hosts show nothing else. */
const withoutDocument = (envelope: Success, { content, mediaType }: Document): Success => {
  const { [content]: document, ...data } = envelope.data
  return document === undefined || String(data[mediaType]).startsWith('text/plain') ? envelope : { ...envelope, data }
}

/** SVG is text. */
const isPicture = (mediaType: string): boolean => /^image\/(?!svg)/.test(mediaType)

const writeEscaped = (out: JsonBytes, piece: string | Buffer): void => {
  if (typeof piece === 'string') out.text(JSON.stringify(piece).slice(1, -1))
  else out.escaped(piece, 0, piece.length)
}

const bytesOf = (rows: unknown): Buffer => {
  const piece = rows instanceof EncodedJson ? rows.piece : JSON.stringify(rows)
  return typeof piece === 'string' ? Buffer.from(piece) : piece
}
