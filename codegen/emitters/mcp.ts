import type { Deprecation } from '../../contracts/define-contract.ts'
import { type GeneratedFile, jsonFile, typescriptFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import { type Model, type ToolModel, versionsOf } from '../model.ts'

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
  readonly _meta?: { readonly [deprecatedKey]: Deprecation }
}

/** Where an entry of the list, or a result, says that its contract will go. */
const deprecatedKey = 'io.dataface/deprecated'

/** The tools as MCP lists them. */
export const mcpTools = (model: Model): McpTool[] =>
  model.tools.map((tool) => ({
    name: tool.name,
    title: tool.title,
    description: tool.description,
    inputSchema: tool.input,
    outputSchema: flatEnvelope(tool),
    annotations: {
      title: tool.title,
      readOnlyHint: tool.annotations.readOnly,
      destructiveHint: tool.annotations.destructive,
      idempotentHint: tool.annotations.idempotent,
      openWorldHint: tool.annotations.openWorld,
    },
    ...(tool.deprecated !== undefined && { _meta: { [deprecatedKey]: tool.deprecated } }),
  }))

/**
 * The envelope as one object: some hosts refuse a union at the root of an output schema. Of data it says the types, and
 * of the rest, which is the same for every tool, that it is there: clients fetch the list anew for every session, and
 * what the fields mean is in the reference and the OpenAPI document.
 */
const flatEnvelope = (tool: ToolModel): JsonSchema => ({
  type: 'object',
  properties: {
    success: { type: 'boolean' },
    data: typesOnly(tool.output),
    errors: { type: 'array', items: { type: 'object' } },
    warnings: { type: 'array', items: { type: 'object' } },
    meta: { type: 'object' },
  },
  required: ['success', 'warnings', 'meta'],
})

/** A schema without descriptions and bounds. */
const typesOnly = ({
  type,
  properties,
  required,
  items,
  anyOf,
  oneOf,
  additionalProperties,
  enum: values,
  const: value,
}: JsonSchema): JsonSchema => ({
  ...(type !== undefined && { type }),
  ...(values !== undefined && { enum: values }),
  ...(value !== undefined && { const: value }),
  ...(properties !== undefined && { properties: mapValues(properties, typesOnly) }),
  ...(required !== undefined && { required }),
  ...(items !== undefined && { items: typesOnly(items) }),
  ...(anyOf !== undefined && { anyOf: anyOf.map(typesOnly) }),
  ...(oneOf !== undefined && { oneOf: oneOf.map(typesOnly) }),
  ...(typeof additionalProperties === 'object' && { additionalProperties: typesOnly(additionalProperties) }),
})

const mapValues = <Value, Other>(object: Readonly<Record<string, Value>>, change: (value: Value) => Other): Record<string, Other> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]))

/** What the MCP door serves, and a copy for readers. */
export const emitMcp = (model: Model): GeneratedFile[] => [
  jsonFile('server/generated/mcp-tools.json', mcpTools(model)),
  jsonFile('clients/mcp/tools.json', { tools: mcpTools(model) }),
]

/** The list of each version, loaded when it is first asked for. */
export const emitMcpLists = (model: Model): GeneratedFile =>
  typescriptFile('server/generated/mcp-lists.ts', [
    '/** Entries of `tools/list` by the version of the contracts. */',
    'export const mcpLists = {',
    ...versionsOf(model).map((version, index, all) => {
      const folder = index === all.length - 1 ? '' : `v${version}/`
      return `  ${version}: async () => (await import('./${folder}mcp-tools.json', { with: { type: 'json' } })).default,`
    }),
    '} as const',
  ])
