/**
 * Sends one fixed HTTP request over and over on N connections and prints what it measured as JSON. It runs in a
 * process of its own, speaks HTTP/1.1 on bare sockets and parses no more than the framing, so that it costs little
 * beside the server under test.
 *
 * Argument: {"port", "path", "headers", "body", "connections", "seconds", "expect"} as JSON; `expect` must occur in
 * every thousandth answer.
 */
import { connect } from 'node:net'

interface LoadOrder {
  readonly port: number
  readonly path: string
  readonly method?: string
  readonly headers: Record<string, string>
  readonly body: string
  readonly connections: number
  readonly seconds: number
  readonly expect: string
}

const order = JSON.parse(process.argv[2] as string) as LoadOrder
const request = Buffer.from(
  `${order.method ?? 'POST'} ${order.path} HTTP/1.1\r\nHost: 127.0.0.1:${order.port}\r\nConnection: keep-alive\r\n${Object.entries(
    order.headers,
  )
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}Content-Length: ${Buffer.byteLength(order.body)}\r\n\r\n${order.body}`,
)

const latencies: number[] = []
let bytes = 0
let calls = 0
let failure: string | undefined
const warmUntil = performance.now() + Math.min(1000, order.seconds * 250)
const until = warmUntil + order.seconds * 1000

const runConnection = (): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect({ port: order.port, host: '127.0.0.1', noDelay: true })
    let pending: Buffer[] = []
    let size = 0
    let sent = 0
    /** Bytes of the whole answer once known; -1 unknown; -2 chunked. */
    let wanted = -1
    const send = () => {
      pending = []
      size = 0
      wanted = -1
      sent = performance.now()
      socket.write(request)
    }
    const finish = () => {
      const now = performance.now()
      if (sent >= warmUntil) {
        latencies.push(now - sent)
        bytes += size
        calls++
      }
      if (calls % 1000 === 1) {
        const text = Buffer.concat(pending).toString()
        if (!/^HTTP\/1.1 200/.test(text) || !text.includes(order.expect)) failure = text.slice(0, 600)
      }
      if (now >= until || failure !== undefined) {
        socket.destroy()
        resolve()
      } else send()
    }
    socket.on('data', (chunk) => {
      pending.push(chunk)
      size += chunk.length
      if (wanted === -1) {
        const head = pending.length === 1 ? chunk : Buffer.concat(pending)
        const end = head.indexOf('\r\n\r\n')
        if (end === -1) return
        const length = /content-length: (\d+)/i.exec(head.toString('latin1', 0, end))
        wanted = length === null ? -2 : end + 4 + Number(length[1])
      }
      if (wanted === -2 ? endsChunked(pending) : size >= wanted) finish()
    })
    socket.on('error', (error) => {
      failure = error.message
      resolve()
    })
    socket.on('close', () => resolve())
    socket.on('connect', send)
  })

const endsChunked = (parts: readonly Buffer[]): boolean => {
  const tail = Buffer.concat(parts.slice(-2))
  return tail.length >= 5 && tail.toString('latin1', tail.length - 5) === '0\r\n\r\n'
}

await Promise.all(Array.from({ length: order.connections }, runConnection))
latencies.sort((a, b) => a - b)
const quantile = (q: number): number => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? Number.NaN
process.stdout.write(
  JSON.stringify({
    calls,
    rate: calls / order.seconds,
    p50: quantile(0.5),
    p99: quantile(0.99),
    bytesPerCall: calls > 0 ? Math.round(bytes / calls) : 0,
    failure,
  }),
)
process.exit(failure === undefined ? 0 : 1)
