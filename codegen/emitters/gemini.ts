import { type Dialect, definitionOf, toolFindings } from '../dialect.ts'
import { type GeneratedFile, jsonFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ContractFinding, Model } from '../model.ts'
import { schemaReadme } from './schema-readme.ts'

/** The keywords that Gemini documents for JSON Schema; others are ignored there, which a caller would not notice. */
export const geminiDialect: Dialect = {
  surface: 'gemini',
  vendor: 'Gemini',
  functionName: /^[a-zA-Z_][a-zA-Z0-9_]{0,63}$/,
  parameterName: /^[A-Za-z_][A-Za-z0-9_]{0,63}$/,
  keywords: new Set(
    (
      'type title description properties required additionalProperties items prefixItems anyOf enum format minimum maximum minItems ' +
      'maxItems $ref $defs'
    ).split(' '),
  ),
  listedTypes: new Set(['string', 'number']),
  maxFunctions: 128,
}

/** A function of `tools[].functionDeclarations`. */
export interface GeminiFunction {
  readonly name: string
  readonly description: string
  readonly parametersJsonSchema: JsonSchema
}

export const geminiFunctions = (model: Model): GeminiFunction[] =>
  model.tools.map((tool) => {
    const { name, description, schema } = definitionOf(geminiDialect, tool)
    return { name, description, parametersJsonSchema: schema }
  })

export const geminiFindings = ({ tools }: Model): ContractFinding[] => toolFindings(geminiDialect, tools)

export const emitGemini = (model: Model): GeneratedFile[] => [
  jsonFile('clients/gemini/tools.json', [{ functionDeclarations: geminiFunctions(model) }]),
  schemaReadme(model, geminiDialect, [
    'The `tools` of a request, as function declarations.',
    '',
    '```ts',
    "import { GoogleGenAI } from '@google/genai'",
    "import tools from './tools.json' with { type: 'json' }",
    '',
    'const answer = await new GoogleGenAI({}).models.generateContent({ model, contents, config: { tools } })',
    '```',
  ]),
]
