import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A span as it arrived. */
export interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentId: string
  readonly name: string
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly links: readonly string[]
  /** 2 for an error. */
  readonly status: number
}

/** Takes what is exported by OTLP over HTTP, as protobuf, and reads it. */
export interface Collector {
  readonly url: string
  readonly spans: SentSpan[]
  /** Names of metrics that arrived. */
  readonly metrics: Set<string>
  readonly resource: Record<string, unknown>
  /** Headers of the requests. */
  readonly headers: Record<string, unknown>[]
  /** All that arrived, as text, to look for what must not be in it. */
  readonly bytes: Buffer[]
  close(): Promise<void>
}

export const startCollector = async (): Promise<Collector> => {
  const taken = {
    spans: [] as SentSpan[],
    metrics: new Set<string>(),
    resource: {},
    headers: [] as Record<string, unknown>[],
    bytes: [] as Buffer[],
  }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const body = Buffer.concat(parts)
      taken.bytes.push(body)
      taken.headers.push(request.headers)
      for (const ofResource of readMessage(body).all(1)) {
        Object.assign(taken.resource, attributesOf(ofResource.message(1).all(1)))
        for (const scope of ofResource.all(2))
          for (const item of scope.all(2))
            if (request.url?.endsWith('/traces') === true) taken.spans.push(spanOf(item))
            else taken.metrics.add(item.text(1))
      }
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    ...taken,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((done) => server.close(() => done()).closeAllConnections()),
  }
}

const spanOf = (span: Message): SentSpan => ({
  traceId: span.bytes(1).toString('hex'),
  spanId: span.bytes(2).toString('hex'),
  parentId: span.bytes(4).toString('hex'),
  name: span.text(5),
  kind: span.number(6),
  attributes: attributesOf(span.all(9)),
  links: span.all(13).map((link) => link.bytes(1).toString('hex')),
  status: span.message(15).number(3),
})

const attributesOf = (pairs: readonly Message[]): Record<string, string | number | boolean> =>
  Object.fromEntries(
    pairs.map((pair) => {
      const value = pair.message(2)
      return [pair.text(1), value.has(1) ? value.text(1) : value.has(2) ? value.number(2) === 1 : value.number(3)]
    }),
  )

/** A message of protobuf whose schema the reader knows; see opentelemetry-proto. */
interface Message {
  has(field: number): boolean
  bytes(field: number): Buffer
  text(field: number): string
  number(field: number): number
  message(field: number): Message
  all(field: number): readonly Message[]
}

const readMessage = (data: Buffer): Message => {
  const fields = new Map<number, (Buffer | number)[]>()
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let scale = 1; ; scale *= 128) {
      const byte = data[at++] as number
      value += (byte & 127) * scale
      if (byte < 128) return value
    }
  }
  const take = (size: number): Buffer => {
    at += size
    return data.subarray(at - size, at)
  }
  while (at < data.length) {
    const key = varint()
    const kind = key % 8
    const value = kind === 0 ? varint() : kind === 2 ? take(varint()) : take(kind === 1 ? 8 : 4)
    const field = Math.floor(key / 8)
    fields.set(field, [...(fields.get(field) ?? []), value])
  }
  const bytes = (field: number): Buffer => {
    const [value] = fields.get(field) ?? []
    return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
  }
  return {
    has: (field) => fields.has(field),
    bytes,
    text: (field) => bytes(field).toString(),
    number: (field) => Number(fields.get(field)?.[0] ?? 0),
    message: (field) => readMessage(bytes(field)),
    all: (field) => (fields.get(field) ?? []).map((value) => readMessage(value as Buffer)),
  }
}
