import { type GeneratedFile, jsonFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model, ToolModel } from '../model.ts'

/** An entry of MCP's `tools/list`. */
export interface McpTool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: JsonSchema
  readonly outputSchema: JsonSchema
  readonly annotations: {
    readonly title: string
    readonly readOnlyHint: boolean
    readonly destructiveHint: boolean
    readonly idempotentHint: boolean
    readonly openWorldHint: boolean
  }
}

/** The tools as MCP lists them. */
export const mcpTools = (model: Model): McpTool[] =>
  model.tools.map((tool) => ({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: tool.input,
    outputSchema: flatEnvelope(tool, model),
    annotations: {
      title: tool.title,
      readOnlyHint: tool.annotations.readOnly,
      destructiveHint: tool.annotations.destructive,
      idempotentHint: tool.annotations.idempotent,
      openWorldHint: tool.annotations.openWorld,
    },
  }))

/** The envelope as one object: some hosts refuse a union at the root of an output schema. */
const flatEnvelope = (tool: ToolModel, { envelope }: Model): JsonSchema => ({
  type: 'object',
  properties: {
    success: { type: 'boolean', description: 'True: data is present. False: errors is.' },
    data: tool.output,
    errors: { type: 'array', items: envelope.errorItem },
    warnings: { type: 'array', items: envelope.warning },
    meta: envelope.meta,
  },
  required: ['success', 'warnings', 'meta'],
})

/** What the MCP door serves, and a copy for readers. */
export const emitMcp = (model: Model): GeneratedFile[] => [
  jsonFile('server/generated/mcp-tools.json', mcpTools(model)),
  jsonFile('clients/mcp/tools.json', { tools: mcpTools(model) }),
]
