/** What a REST answer may be sent as. */
export const mediaTypes = {
  json: 'application/json',
  ndjson: 'application/x-ndjson',
  arrow: 'application/vnd.apache.arrow.stream',
} as const

export type MediaKind = keyof typeof mediaTypes

const kinds = Object.keys(mediaTypes) as MediaKind[]

/**
 * The kind that an Accept header prefers: the one with the highest `q`, and of equals the one it names first. JSON when
 * it names none of them. RFC 9110, section 12.5.1.
 */
export const negotiate = (accept: string | undefined): MediaKind => {
  if (accept === undefined) return 'json'
  let best: MediaKind = 'json'
  let bestWeight = 0
  for (const range of accept.split(',')) {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    const kind = kinds.find((one) => mediaTypes[one] === name) ?? (name === '*/*' || name === 'application/*' ? 'json' : undefined)
    const weight = Number(parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? 1)
    if (kind === undefined || !(weight > bestWeight)) continue
    best = kind
    bestWeight = weight
  }
  return best
}
