import { acceptedContent, inputRequired, ProtocolError, ResourceNotFoundError, type Server } from '@modelcontextprotocol/server'
import { createMcpDoor, type McpDoor } from '../../server/transports/mcp/create-mcp-door.ts'
import { fixtureTools } from './fixture-contracts.ts'
import { fixtureHandlers, verifyState } from './fixture-tools.ts'

const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const message = (content: Record<string, unknown>) => ({ role: 'user', content })
const text = (value: string) => message({ type: 'text', text: value })

const prompts = [
  { name: 'test_simple_prompt', description: 'A simple prompt.' },
  {
    name: 'test_prompt_with_arguments',
    description: 'A prompt with arguments.',
    arguments: [
      { name: 'arg1', required: true },
      { name: 'arg2', required: true },
    ],
  },
  {
    name: 'test_prompt_with_embedded_resource',
    description: 'A prompt with a resource.',
    arguments: [{ name: 'resourceUri', required: true }],
  },
  { name: 'test_prompt_with_image', description: 'A prompt with an image.' },
  { name: 'test_input_required_result_prompt', description: 'A prompt that asks.' },
]

const resources = [
  { uri: 'test://static-text', name: 'static text', mimeType: 'text/plain' },
  { uri: 'test://static-binary', name: 'static binary', mimeType: 'image/png' },
  { uri: 'test://watched-resource', name: 'watched resource', mimeType: 'text/plain' },
]

/** A door of ours with the fixed names of the conformance suite behind it. */
export const openFixtureDoor = (): McpDoor =>
  createMcpDoor({
    serverInfo: { name: 'conformance-fixture', version: '1.0.0' },
    capabilities: {
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      logging: {},
      completions: {},
    },
    requestState: { verify: verifyState },
    sessions: true,
    log: () => {},
    register: registerFixture,
  })

const registerFixture = (server: Server): void => {
  server.setRequestHandler('tools/list', () => ({ tools: fixtureTools as never }))
  server.setRequestHandler('tools/call', async ({ params }, context) => {
    const handler = fixtureHandlers[params.name]
    if (handler === undefined) throw new ProtocolError(-32602, `Unknown tool ${params.name}`)
    try {
      return await handler(params.arguments ?? {}, context)
    } catch (error) {
      if (error instanceof ProtocolError) throw error
      return { content: [{ type: 'text', text: (error as Error).message }], isError: true }
    }
  })
  server.setRequestHandler('prompts/list', () => ({ prompts }))
  server.setRequestHandler('prompts/get', ({ params: { name, arguments: args = {} } }, { mcpReq }) => {
    switch (name) {
      case 'test_simple_prompt':
        return { messages: [text('This is a simple prompt for testing.')] } as never
      case 'test_prompt_with_arguments':
        return { messages: [text(`Prompt with arguments: arg1='${args.arg1}', arg2='${args.arg2}'`)] } as never
      case 'test_prompt_with_embedded_resource':
        return {
          messages: [
            message({
              type: 'resource',
              resource: { uri: args.resourceUri, mimeType: 'text/plain', text: 'Embedded resource content for testing.' },
            }),
            text('Please process the embedded resource above.'),
          ],
        } as never
      case 'test_prompt_with_image':
        return {
          messages: [message({ type: 'image', data: pixel, mimeType: 'image/png' }), text('Please analyze the image above.')],
        } as never
      case 'test_input_required_result_prompt': {
        const answer = acceptedContent<{ context: string }>(mcpReq.inputResponses, 'user_context')
        if (answer !== undefined) return { messages: [text(`Context: ${answer.context}`)] } as never
        const requestedSchema = { type: 'object', properties: { context: { type: 'string' } }, required: ['context'] }
        return inputRequired({
          inputRequests: {
            user_context: {
              method: 'elicitation/create',
              params: { mode: 'form', message: 'What context should the prompt use?', requestedSchema },
            },
          } as never,
        }) as never
      }
      default:
        throw new ProtocolError(-32602, `Unknown prompt ${name}`)
    }
  })
  server.setRequestHandler('resources/list', () => ({ resources }))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: [{ uriTemplate: 'test://template/{id}/data', name: 'template', mimeType: 'application/json' }],
  }))
  server.setRequestHandler('resources/read', ({ params: { uri } }) => {
    const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1]
    if (id !== undefined)
      return {
        contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }) }],
      }
    if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: pixel }] }
    if (resources.some((resource) => resource.uri === uri))
      return { contents: [{ uri, mimeType: 'text/plain', text: 'This is the content of the static text resource.' }] }
    throw new ResourceNotFoundError(uri)
  })
  server.setRequestHandler('resources/subscribe', () => ({}))
  server.setRequestHandler('resources/unsubscribe', () => ({}))
  server.setRequestHandler('completion/complete', ({ params: { argument } }) => ({
    completion: { values: ['paris', 'park', 'party'].filter((value) => value.startsWith(argument.value)), total: 3, hasMore: false },
  }))
}
