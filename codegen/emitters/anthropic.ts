import { type Dialect, definitionOf, toolFindings } from '../dialect.ts'
import { type GeneratedFile, jsonFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ContractFinding, Model } from '../model.ts'
import { schemaReadme } from './schema-readme.ts'

/**
 * Claude takes any JSON Schema whose root is a plain object. Its strict mode does not: at most 24 optional parameters and
 * 16 unions in a request, which so many tools pass, so it is left off and the server validates.
 */
export const anthropicDialect: Dialect = {
  surface: 'anthropic',
  vendor: 'Anthropic',
  functionName: /^[a-zA-Z0-9_-]{1,64}$/,
  parameterName: /^[a-zA-Z0-9_.-]{1,64}$/,
  keywords: new Set(
    (
      'type title description properties required additionalProperties propertyNames patternProperties minProperties maxProperties items ' +
      'prefixItems contains minContains maxContains uniqueItems anyOf oneOf allOf not enum const default examples format pattern minimum ' +
      'maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength minItems maxItems dependentRequired $ref $defs'
    ).split(' '),
  ),
  listedTypes: new Set(['string', 'number', 'boolean', 'null']),
  maxFunctions: 10_000,
}

/** A tool of the Messages interface. */
export interface AnthropicTool {
  readonly name: string
  readonly description: string
  readonly input_schema: JsonSchema
}

export const anthropicTools = (model: Model): AnthropicTool[] =>
  model.tools.map((tool) => {
    const { name, description, schema } = definitionOf(anthropicDialect, tool)
    return { name, description, input_schema: schema }
  })

export const anthropicFindings = ({ tools }: Model): ContractFinding[] => toolFindings(anthropicDialect, tools)

export const emitAnthropic = (model: Model): GeneratedFile[] => [
  jsonFile('clients/anthropic/tools.json', anthropicTools(model)),
  schemaReadme(model, anthropicDialect, [
    'The `tools` of a request to the Messages interface.',
    '',
    '```ts',
    "import Anthropic from '@anthropic-ai/sdk'",
    "import tools from './tools.json' with { type: 'json' }",
    '',
    'const message = await new Anthropic().messages.create({ model, max_tokens: 4096, tools, messages })',
    '```',
    '',
    'They are not `strict`: a request with strict tools may have 24 optional parameters and 16 unions in all, and these have more. The server validates every call.',
  ]),
]
