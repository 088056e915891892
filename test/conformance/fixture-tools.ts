import { setTimeout as sleep } from 'node:timers/promises'
import {
  acceptedContent,
  type CallToolResult,
  createRequestStateCodec,
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  MissingRequiredClientCapabilityError,
  type ServerContext,
} from '@modelcontextprotocol/server'

type Answer = CallToolResult | InputRequiredResult
export type FixtureTool = (args: Record<string, unknown>, context: ServerContext) => Promise<Answer> | Answer

const say = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] })
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='
const silence = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA='

const image = { type: 'image', data: pixel, mimeType: 'image/png' } as const

interface State {
  readonly step: number
}
const state = createRequestStateCodec<State>({ key: 'a key of the fixture that is long enough', ttlSeconds: 600 })
export const verifyState = state.verify

const form = (message: string, properties: Record<string, unknown>, required: readonly string[] = Object.keys(properties)) =>
  ({
    method: 'elicitation/create',
    params: { mode: 'form', message, requestedSchema: { type: 'object', properties, required } },
  }) as unknown as InputRequests[string]

const sample = (text: string, maxTokens: number) =>
  ({
    method: 'sampling/createMessage',
    params: { messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens },
  }) as unknown as InputRequests[string]

const roots = { method: 'roots/list', params: {} } as unknown as InputRequests[string]

/** What the client gave for a key, of any kind. */
const given = ({ mcpReq }: ServerContext, key: string): Record<string, unknown> | undefined =>
  (mcpReq.inputResponses as Record<string, Record<string, unknown>> | undefined)?.[key]

const name = { name: { type: 'string' } }

/** Asks for a name; what does not answer that is asked again. */
const askName: FixtureTool = (_args, { mcpReq }) => {
  const answer = acceptedContent<{ name: string }>(mcpReq.inputResponses, 'user_name')
  return typeof answer?.name === 'string'
    ? say(`Hello, ${answer.name}!`)
    : inputRequired({ inputRequests: { user_name: form('What is your name?', name) } })
}

/** State that was verified before the handler ran; undefined in the first round. */
const stateOf = (context: ServerContext): State | undefined =>
  (context.mcpReq as unknown as { requestState?: () => State | undefined }).requestState?.()

const askWithState = async (context: ServerContext, step: number, inputRequests: InputRequests) =>
  inputRequired({ inputRequests, requestState: await state.mint({ step }, context) })

const elicit = async ({ mcpReq }: ServerContext, message: string, properties: Record<string, unknown>) =>
  mcpReq.elicitInput({ mode: 'form', message, requestedSchema: { type: 'object', properties, required: [] } } as never)

const elicited = ({ action, content }: { action: string; content?: unknown }): CallToolResult =>
  say(`Elicitation completed: action=${action}, content=${JSON.stringify(content ?? {})}`)

/** One function per fixed name of the suite; its payloads are spelt out in the descriptions of the suite's scenarios. */
export const fixtureHandlers: Readonly<Record<string, FixtureTool>> = {
  test_simple_text: () => say('This is a simple text response for testing.'),
  test_image_content: () => ({ content: [image] }),
  test_audio_content: () => ({ content: [{ type: 'audio', data: silence, mimeType: 'audio/wav' }] }),
  test_embedded_resource: () => ({
    content: [
      {
        type: 'resource',
        resource: { uri: 'test://embedded-resource', mimeType: 'text/plain', text: 'This is an embedded resource content.' },
      },
    ],
  }),
  test_multiple_content_types: () => ({
    content: [
      { type: 'text', text: 'Multiple content types test:' },
      image,
      {
        type: 'resource',
        resource: { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data","value":123}' },
      },
    ],
  }),
  async test_tool_with_logging(_args, { mcpReq }) {
    await mcpReq.log('info', 'Tool execution started')
    await sleep(50)
    await mcpReq.log('info', 'Tool processing data')
    await sleep(50)
    await mcpReq.log('info', 'Tool execution completed')
    return say('Logged three messages.')
  },
  test_error_handling() {
    throw new Error('This tool intentionally returns an error for testing')
  },
  async test_tool_with_progress(_args, { mcpReq }) {
    const progressToken = mcpReq._meta?.progressToken
    for (const progress of [0, 50, 100]) {
      if (progressToken !== undefined)
        await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } })
      await sleep(50)
    }
    return say('Progressed.')
  },
  async test_sampling({ prompt }, { mcpReq }) {
    const { content } = await mcpReq.requestSampling({
      messages: [{ role: 'user', content: { type: 'text', text: String(prompt) } }],
      maxTokens: 100,
    })
    return say(`LLM response: ${(content as { text?: string }).text ?? ''}`)
  },
  async test_elicitation({ message }, context) {
    const { action, content } = await context.mcpReq.elicitInput({
      mode: 'form',
      message: String(message),
      requestedSchema: {
        type: 'object',
        properties: {
          username: { type: 'string', description: "User's response" },
          email: { type: 'string', description: "User's email address" },
        },
        required: ['username', 'email'],
      },
    })
    return say(`User response: action=${action}, content=${JSON.stringify(content ?? {})}`)
  },
  test_elicitation_sep1034_defaults: async (_args, context) =>
    elicited(
      await elicit(context, 'Please check the defaults', {
        name: { type: 'string', default: 'John Doe' },
        age: { type: 'integer', default: 30 },
        score: { type: 'number', default: 95.5 },
        status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
        verified: { type: 'boolean', default: true },
      }),
    ),
  test_elicitation_sep1330_enums: async (_args, context) =>
    elicited(
      await elicit(context, 'Please choose', {
        untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
        titledSingle: {
          type: 'string',
          oneOf: [
            { const: 'value1', title: 'First Option' },
            { const: 'value2', title: 'Second Option' },
            { const: 'value3', title: 'Third Option' },
          ],
        },
        legacyEnum: { type: 'string', enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
        untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
        titledMulti: {
          type: 'array',
          items: {
            anyOf: [
              { const: 'value1', title: 'First Choice' },
              { const: 'value2', title: 'Second Choice' },
              { const: 'value3', title: 'Third Choice' },
            ],
          },
        },
      }),
    ),
  test_reconnection: () => say('Reconnected.'),
  test_missing_capability() {
    throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { sampling: {} } } as never)
  },
  test_streaming_elicitation: askName,
  async test_logging_tool(_args, { mcpReq }) {
    await mcpReq.log('info', 'A message of the logging tool')
    return say('Logged.')
  },
  test_trigger_tool_change: () => say('Changed.'),
  test_trigger_prompt_change: () => say('Changed.'),
  test_input_required_result_elicitation: askName,
  test_input_required_result_sampling(_args, context) {
    const answer = given(context, 'capital_question')
    return answer === undefined
      ? inputRequired({ inputRequests: { capital_question: sample('What is the capital of France?', 100) } })
      : say(`The model said: ${(answer.content as { text?: string } | undefined)?.text ?? ''}`)
  },
  test_input_required_result_list_roots(_args, context) {
    const answer = given(context, 'client_roots')
    return answer === undefined ? inputRequired({ inputRequests: { client_roots: roots } }) : say(`Roots: ${JSON.stringify(answer.roots)}`)
  },
  test_input_required_result_request_state: (_args, context) =>
    stateOf(context) === undefined
      ? askWithState(context, 1, { confirm: form('Please confirm', { ok: { type: 'boolean' } }) })
      : say('state-ok'),
  test_input_required_result_multiple_inputs: (_args, context) =>
    stateOf(context) === undefined
      ? askWithState(context, 1, {
          user_name: form('What is your name?', name),
          greeting: sample('Generate a greeting', 50),
          client_roots: roots,
        })
      : say('All inputs arrived.'),
  test_input_required_result_multi_round(_args, context) {
    switch (stateOf(context)?.step) {
      case undefined:
        return askWithState(context, 1, { step1: form('Step 1: What is your name?', name) })
      case 1:
        return askWithState(context, 2, { step2: form('Step 2: What is your favorite color?', { color: { type: 'string' } }) })
      default:
        return say('Both steps are done.')
    }
  },
  test_input_required_result_tampered_state: (_args, context) =>
    stateOf(context) === undefined
      ? askWithState(context, 1, { confirm: form('Please confirm', { ok: { type: 'boolean' } }) })
      : say('state-ok'),
  test_input_required_result_capabilities(_args, context) {
    const declared =
      (context.mcpReq.envelope as Record<string, Record<string, unknown>> | undefined)?.['io.modelcontextprotocol/clientCapabilities'] ?? {}
    const inputRequests: InputRequests = {
      ...('elicitation' in declared && { user_name: form('What is your name?', name) }),
      ...('sampling' in declared && { greeting: sample('Generate a greeting', 50) }),
      ...('roots' in declared && { client_roots: roots }),
    }
    return Object.keys(inputRequests).length > 0 && context.mcpReq.inputResponses === undefined
      ? inputRequired({ inputRequests })
      : say('Nothing was asked.')
  },
  test_custom_header: ({ region }) => say(`Region ${region}`),
  json_schema_2020_12_tool: (args) => say(JSON.stringify(args)),
}
