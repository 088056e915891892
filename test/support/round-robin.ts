import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface RoundRobin {
  readonly url: string
  /** Requests that got no answer of a replica, and why. */
  readonly lost: string[]
  close(): void
}

/** How often replicas are asked whether they are ready, milliseconds. */
const askMs = 100

/** A plain proxy before replicas: one after the other of those that said last that they are ready, and no second try. */
export const startRoundRobin = async (replicas: () => readonly string[]): Promise<RoundRobin> => {
  const agent = new Agent({ keepAlive: true })
  const lost: string[] = []
  let ready: readonly string[] = []
  const ask = async () => {
    const asked = replicas().map(async (url) => {
      const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(askMs * 5) }).catch(() => undefined)
      await response?.body?.cancel()
      return response?.status === 200 ? [url] : []
    })
    ready = (await Promise.all(asked)).flat()
  }
  await ask()
  const timer = setInterval(() => void ask(), askMs)
  let turn = 0
  const server = createServer((incoming, outgoing) => {
    const target = ready[turn++ % ready.length]
    const lose = (why: string) => {
      lost.push(why)
      outgoing.destroy()
    }
    if (target === undefined) return lose('no replica is ready')
    const { host: _host, connection: _connection, ...headers } = incoming.headers
    const forwarded = request(`${target}${incoming.url}`, { method: incoming.method, headers, agent }, (answer) => {
      const { connection: _own, 'transfer-encoding': _coding, ...kept } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 502, kept)
      answer.pipe(outgoing)
      answer.on('aborted', () => lose('an answer broke off'))
    })
    forwarded.on('error', (error) => lose(error.message))
    incoming.pipe(forwarded)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lost,
    close() {
      clearInterval(timer)
      agent.destroy()
      server.closeAllConnections()
      server.close()
    },
  }
}
