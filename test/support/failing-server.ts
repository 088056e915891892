import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What is answered to one request: `breakOff` closes the connection, after the body when there is one. */
export interface PlannedAnswer {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  readonly breakOff?: true
  /** No more is sent after the body, and the connection stays open. */
  readonly hang?: true
}

export interface FailingServer {
  readonly url: string
  readonly requests: {
    readonly path: string
    readonly headers: Readonly<Record<string, string | string[] | undefined>>
    readonly body: string
  }[]
  close(): Promise<void>
}

/** A server that answers each request with the next of the given answers, and with the last one from then on. */
export const startFailingServer = async (answers: readonly PlannedAnswer[]): Promise<FailingServer> => {
  const requests: FailingServer['requests'] = []
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    requests.push({ path: request.url ?? '', headers: request.headers, body })
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? {}
    if (answer.breakOff && answer.body === undefined) return request.socket.destroy()
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
    if (answer.breakOff || answer.hang) response.write(answer.body ?? '', () => answer.breakOff && request.socket.destroy())
    else response.end(answer.body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
