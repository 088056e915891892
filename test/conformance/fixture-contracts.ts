import * as z from 'zod'
import { type McpTool, mcpTools } from '../../codegen/emitters/mcp.ts'
import { compileModel } from '../../codegen/model.ts'
import { type Contract, defineContract, readOnlyAnnotations } from '../../contracts/define-contract.ts'

/** The tools that the conformance suite calls by name, as contracts of ours. */
const contract = (name: string, input: z.ZodObject = z.strictObject({})): Contract =>
  defineContract({
    name,
    version: '1.0.0',
    title: name,
    description: `A fixture of the conformance suite: ${name}.`,
    input,
    output: z.object({}),
    errors: [],
    annotations: readOnlyAnnotations,
    examples: [],
  })

const text = (description: string) => z.string().describe(description)

const plainNames = [
  'test_simple_text',
  'test_image_content',
  'test_audio_content',
  'test_embedded_resource',
  'test_multiple_content_types',
  'test_tool_with_logging',
  'test_error_handling',
  'test_tool_with_progress',
  'test_elicitation_sep1034_defaults',
  'test_elicitation_sep1330_enums',
  'test_reconnection',
  'test_missing_capability',
  'test_streaming_elicitation',
  'test_logging_tool',
  'test_trigger_tool_change',
  'test_trigger_prompt_change',
  'test_input_required_result_elicitation',
  'test_input_required_result_sampling',
  'test_input_required_result_list_roots',
  'test_input_required_result_request_state',
  'test_input_required_result_multiple_inputs',
  'test_input_required_result_multi_round',
  'test_input_required_result_tampered_state',
  'test_input_required_result_capabilities',
]

const fixtureContracts: readonly Contract[] = [
  ...plainNames.map((name) => contract(name)),
  contract('test_sampling', z.strictObject({ prompt: text('The prompt to send.') })),
  contract('test_elicitation', z.strictObject({ message: text('The message to show.') })),
  contract(
    'test_custom_header',
    z.strictObject({ region: z.string().describe('Also sent as a header.').meta({ 'x-mcp-header': 'Region' }) }),
  ),
]

/** Keywords that our contracts have no use for, kept whole by the door. */
const jsonSchemaTool = {
  name: 'json_schema_2020_12_tool',
  description: 'Tool with JSON Schema 2020-12 features',
  inputSchema: {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    $defs: { address: { $anchor: 'addressDef', type: 'object', properties: { street: { type: 'string' }, city: { type: 'string' } } } },
    properties: {
      name: { type: 'string' },
      address: { $ref: '#/$defs/address' },
      contactMethod: { type: 'string', enum: ['phone', 'email'] },
      phone: { type: 'string' },
      email: { type: 'string' },
    },
    allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
    if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { required: ['phone'] },
    else: { required: ['email'] },
    additionalProperties: false,
  },
}

/** What `tools/list` answers: compiled by our compiler, without output schemas, since these tools answer no envelope. */
export const fixtureTools: readonly unknown[] = [
  ...mcpTools(compileModel(fixtureContracts)).map(({ outputSchema: _envelope, ...tool }: McpTool) => tool),
  jsonSchemaTool,
]
