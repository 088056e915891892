import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the model says in one turn: a call of a tool, or a text that ends the conversation. */
export type Turn = { readonly name: string; readonly input: object } | { readonly text: string }

/** A model whose turns are known beforehand, behind the protocols of its vendors. */
export interface ReplayedModel {
  readonly url: string
  /** The bodies of requests, as they came. */
  readonly requests: readonly string[]
  close(): Promise<void>
}

const isCall = (turn: Turn): turn is Extract<Turn, { name: string }> => 'name' in turn

/** The answer with a turn, by the end of the path that it is asked at. */
const answers: Readonly<Record<string, (turn: Turn, id: string) => object>> = {
  '/responses': (turn, id) => ({
    ...{ id: `resp_${id}`, object: 'response', created_at: 1_795_000_000, model: 'replayed', status: 'completed', error: null },
    ...{ incomplete_details: null, instructions: null, metadata: {}, parallel_tool_calls: true, tool_choice: 'auto', tools: [] },
    output: [
      isCall(turn)
        ? {
            ...{ type: 'function_call', id: `fc_${id}`, call_id: `call_${id}`, status: 'completed' },
            ...{ name: turn.name, arguments: JSON.stringify(turn.input) },
          }
        : {
            ...{ type: 'message', id: `msg_${id}`, role: 'assistant', status: 'completed' },
            content: [{ type: 'output_text', text: turn.text, annotations: [], logprobs: [] }],
          },
    ],
    usage: {
      ...{ input_tokens: 1, output_tokens: 1, total_tokens: 2 },
      ...{ input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } },
    },
  }),
  '/chat/completions': (turn, id) => ({
    ...{ id: `chatcmpl_${id}`, object: 'chat.completion', created: 1_795_000_000, model: 'replayed' },
    choices: [
      {
        index: 0,
        finish_reason: isCall(turn) ? 'tool_calls' : 'stop',
        message: isCall(turn)
          ? {
              ...{ role: 'assistant', content: null },
              tool_calls: [{ id: `call_${id}`, type: 'function', function: { name: turn.name, arguments: JSON.stringify(turn.input) } }],
            }
          : { role: 'assistant', content: turn.text },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
  }),
  '/messages': (turn, id) => ({
    ...{ id: `msg_${id}`, type: 'message', role: 'assistant', model: 'replayed', stop_sequence: null },
    stop_reason: isCall(turn) ? 'tool_use' : 'end_turn',
    content: [
      isCall(turn) ? { type: 'tool_use', id: `toolu_${id}`, name: turn.name, input: turn.input } : { type: 'text', text: turn.text },
    ],
    usage: { input_tokens: 1, output_tokens: 1 },
  }),
}

/** Serves the turns on a free port, one for each request, by the Responses, Chat Completions and Messages interfaces. */
export const startReplayedModel = async (turns: readonly Turn[]): Promise<ReplayedModel> => {
  const requests: string[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const answer = Object.entries(answers).find(([path]) => request.url?.endsWith(path))?.[1]
    const turn = turns[requests.length]
    if (answer === undefined || turn === undefined) {
      response.writeHead(400, { 'content-type': 'application/json' })
      return response.end(JSON.stringify({ error: { message: `No turn is left for ${request.url}.` } }))
    }
    requests.push(Buffer.concat(chunks).toString())
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(JSON.stringify(answer(turn, String(requests.length))))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}
