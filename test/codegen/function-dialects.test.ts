import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import { transformJSONSchema } from '@anthropic-ai/sdk/lib/transform-json-schema'
import { GoogleGenAI } from '@google/genai'
import { Ajv } from 'ajv'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import OpenAI from 'openai'
import { toStrictJsonSchema } from 'openai/lib/transform'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Dialect, definitionFindings, sayIn, unsaidIn } from '../../codegen/dialect.ts'
import { anthropicDialect, anthropicFindings } from '../../codegen/emitters/anthropic.ts'
import { geminiDialect, geminiFindings } from '../../codegen/emitters/gemini.ts'
import { openaiFindings } from '../../codegen/emitters/openai.ts'
import { languageModelToolSets, languageModelTools, vscodeDialect, vscodeFindings } from '../../codegen/emitters/vscode.ts'
import { functionLists, listCosts, tokenBudget } from '../../codegen/function-tokens.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { compileModel, type Model, type ToolModel } from '../../codegen/model.ts'
import { contracts, hostContracts } from '../../contracts/catalog.ts'
import { type FailingServer, startFailingServer } from '../support/failing-server.ts'
import { root } from '../support/project-files.ts'

const model = compileModel([...contracts, ...hostContracts])
const json = (path: string): unknown => JSON.parse(readFileSync(resolve(root, 'clients', path), 'utf8'))

const closed = (properties: Record<string, JsonSchema>, required: string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
})

describe('the packages of the vendors', () => {
  let server: FailingServer
  beforeAll(async () => {
    server = await startFailingServer([{ body: '{}' }])
  })
  afterAll(() => server.close())
  const lastBody = (): Record<string, unknown> => JSON.parse(server.requests.at(-1)?.body ?? '{}') as Record<string, unknown>

  test('of OpenAI finds nothing to change in the strict functions, and sends them as they are', async () => {
    const responses = json('openai/responses.json') as OpenAI.Responses.FunctionTool[]
    const completions = json('openai/chat-completions.json') as OpenAI.Chat.ChatCompletionFunctionTool[]
    for (const { parameters } of responses) expect(toStrictJsonSchema(structuredClone(parameters) as never)).toEqual(parameters)
    expect(completions.map((tool) => tool.function.parameters)).toEqual(responses.map(({ parameters }) => parameters))
    const openai = new OpenAI({ apiKey: 'none', baseURL: server.url, maxRetries: 0 })
    await openai.responses.create({ model: 'any', input: 'Hello', tools: responses })
    expect(lastBody().tools).toEqual(responses)
    await openai.chat.completions.create({ model: 'any', messages: [{ role: 'user', content: 'Hello' }], tools: completions })
    expect(lastBody().tools).toEqual(completions)
  })

  test('of OpenAI refuses what our own rules refuse', () => {
    const free: JsonSchema = { type: 'object', properties: { bird: { type: 'string' } } }
    expect(() => toStrictJsonSchema(free as never)).toThrow('bird')
  })

  test('of Anthropic sends the tools as they are, and reads their schemas', async () => {
    const tools = json('anthropic/tools.json') as Anthropic.Tool[]
    const anthropic = new Anthropic({ apiKey: 'none', baseURL: server.url, maxRetries: 0 })
    await anthropic.messages.create({ model: 'any', max_tokens: 1, messages: [{ role: 'user', content: 'Hello' }], tools })
    expect(lastBody().tools).toEqual(tools)
    for (const { name, input_schema } of tools) {
      const read = transformJSONSchema(input_schema as Record<string, unknown>) as JsonSchema
      expect(Object.keys(read.properties ?? {}), name).toEqual(Object.keys(input_schema.properties ?? {}))
    }
  })

  test('of Google sends the functions as they are', async () => {
    const tools = json('gemini/tools.json') as { functionDeclarations: { parametersJsonSchema: unknown }[] }[]
    const gemini = new GoogleGenAI({ apiKey: 'none', httpOptions: { baseUrl: server.url } })
    await gemini.models.generateContent({ model: 'any', contents: 'Hello', config: { tools: structuredClone(tools) } })
    expect(lastBody().tools).toEqual(tools)
  })

  test('VS Code takes the schemas for what they are: draft-07', () => {
    const { languageModelTools: tools } = json('vscode/contributes.json') as { languageModelTools: { inputSchema: object }[] }
    const ajv = new Ajv({ strict: true, allowUnionTypes: true })
    for (const { inputSchema } of tools)
      expect(ajv.validateSchema({ $schema: 'http://json-schema.org/draft-07/schema#', ...inputSchema })).toBe(true)
  })
})

test('every tool is in every list, under its own name, and those of the host only where a host executes them', () => {
  const names = contracts.map(({ name }) => name)
  const lists = functionLists(model)
  for (const [dialect, list] of Object.entries(lists)) {
    const named = list.map(
      (one) => (one as { name?: string; function?: { name: string } }).name ?? (one as { function: { name: string } }).function.name,
    )
    expect(named, dialect).toEqual(dialect === 'vscode' ? [...names, ...hostContracts.map(({ name }) => name)] : names)
  }
})

describe('the tools of VS Code', () => {
  test('have every key that it asks for and none that it does not know', () => {
    const known = [
      'name',
      'displayName',
      'modelDescription',
      'userDescription',
      'toolReferenceName',
      'canBeReferencedInPrompt',
      'icon',
      'tags',
    ]
    for (const tool of languageModelTools(model)) expect(Object.keys(tool)).toEqual([...known, 'inputSchema'])
  })

  test('come in two sets: all, and those that write nothing', () => {
    const [all, reading] = languageModelToolSets(model)
    const writing = ['saveDashboard', 'writeToEditor']
    expect(all?.tools).toEqual(expect.arrayContaining(writing))
    expect(reading?.tools).toEqual(all?.tools.filter((name) => !writing.includes(name)))
  })
})

describe('the rules of each dialect', () => {
  test('find nothing in the real tools', () => {
    for (const findingsOf of [openaiFindings, anthropicFindings, geminiFindings, vscodeFindings]) expect(findingsOf(model)).toEqual([])
  })

  const messagesOf = (dialect: Dialect, schema: JsonSchema, name = 'count_birds'): string[] =>
    definitionFindings(dialect, [{ name, schema }]).map(({ field, message }) => `${field}: ${message}`)

  test.each<[string, Dialect, JsonSchema, string]>([
    ['a root that is no object', anthropicDialect, { type: 'string' }, 'input: Anthropic refuses it: the root must be an object'],
    ['a union at the root', geminiDialect, { ...closed({}), anyOf: [] }, 'input: Gemini refuses it: anyOf at the root'],
    ['a list without items', vscodeDialect, closed({ ponds: { type: 'array' } }), 'input.ponds: VS Code refuses it: an array needs items'],
    ['a value of no type', anthropicDialect, closed({ pond: {} }), 'input.pond: Anthropic refuses it: it needs a type'],
    [
      'a pattern',
      geminiDialect,
      closed({ pond: { type: 'string', pattern: 'a' } }),
      'input.pond: Gemini refuses it: keyword pattern is not supported',
    ],
    ['allOf', geminiDialect, closed({ a: { type: 'object', allOf: [] } }), 'input.a: Gemini refuses it: keyword allOf is not supported'],
    ['a listed boolean', geminiDialect, closed({ a: { enum: [true] } }), 'input.a: Gemini refuses it: true is no value that may be listed'],
    ['a constant', vscodeDialect, closed({ a: { const: 1 } }), 'input.a: VS Code refuses it: keyword const is not supported'],
    [
      'a name with a dash',
      geminiDialect,
      closed({ 'a-b': { type: 'string' } }),
      'input.a-b: Gemini refuses it: does not fit ^[A-Za-z_][A-Za-z0-9_]{0,63}$',
    ],
    [
      'a key that is required only',
      anthropicDialect,
      closed({}, ['pond']),
      'input: Anthropic refuses it: pond is required and not described',
    ],
  ])('refuse %s', (_title, dialect, schema, message) => {
    expect(messagesOf(dialect, schema)).toContain(message)
  })

  test.each<[Dialect, string, string]>([
    [anthropicDialect, 'a'.repeat(64), 'a'.repeat(65)],
    [geminiDialect, 'count_birds', 'count.birds'],
    [vscodeDialect, 'copilot', 'copilot_birds'],
  ])('refuse a name that does not fit', (dialect, fits, doesNot) => {
    expect(messagesOf(dialect, closed({}), fits)).toEqual([])
    expect(messagesOf(dialect, closed({}), doesNot)).toEqual([
      `name: ${dialect.vendor} refuses it: does not fit ${dialect.functionName.source}`,
    ])
  })

  test('of VS Code refuse two tools of one reference name', () => {
    const [tool] = model.tools
    const twin: Model = {
      ...model,
      hostTools: [],
      tools: [tool, { ...tool, name: 'cata_log' }, { ...tool, name: 'cataLog' }] as ToolModel[],
    }
    expect(vscodeFindings(twin).map(({ message }) => message)).toEqual(['VS Code refuses it: "cataLog" is that of cata_log'])
  })
})

test('what a dialect cannot say, its description says, and its report tells', () => {
  const schema = closed({
    pond: { type: 'string', minLength: 1, pattern: '^a', default: 'a', description: 'Which pond.' },
    kind: { oneOf: [{ const: 'duck' }, { type: 'array', items: { type: 'string', format: 'date' }, uniqueItems: true }] },
    by: { type: 'object', propertyNames: { type: 'string' }, additionalProperties: { type: 'number', multipleOf: 2, exclusiveMinimum: 0 } },
  })
  expect(sayIn(geminiDialect, schema)).toEqual(
    closed({
      pond: { type: 'string', description: 'Which pond. Fits ^a. Default "a".' },
      kind: { anyOf: [{ enum: ['duck'] }, { type: 'array', items: { type: 'string', format: 'date' }, description: 'No item twice.' }] },
      by: { type: 'object', additionalProperties: { type: 'number', description: 'A multiple of 2. More than 0.' } },
    }),
  )
  expect(unsaidIn(schema, geminiDialect).map(({ field, keyword, words }) => [field, keyword, words !== undefined])).toEqual([
    ['input.pond', 'minLength', false],
    ['input.pond', 'pattern', true],
    ['input.pond', 'default', true],
    ['input.kind', 'uniqueItems', true],
    ['input.by.*', 'multipleOf', true],
    ['input.by.*', 'exclusiveMinimum', true],
  ])
  expect(sayIn(anthropicDialect, schema)).toEqual(schema)
})

test('lengths as names have are said in words; that a text is not empty, or no book, is reported', () => {
  const schema = closed({
    pond: { type: 'string', minLength: 1, maxLength: 256 },
    code: { type: 'string', minLength: 2, maxLength: 2 },
    song: { type: 'string', maxLength: 257 },
  })
  expect(sayIn(geminiDialect, schema).properties).toEqual({
    pond: { type: 'string', description: '≤256 chars.' },
    code: { type: 'string', description: '≥2 chars. ≤2 chars.' },
    song: { type: 'string' },
  })
  expect(
    unsaidIn(schema, geminiDialect)
      .filter(({ words }) => words === undefined)
      .map(({ field, keyword }) => `${field} ${keyword}`),
  ).toEqual(['input.pond minLength', 'input.song maxLength'])
})

describe('what the definitions cost a model', () => {
  test('is at most 200 tokens a tool in every dialect', () => {
    for (const { dialect, mean } of listCosts(model)) expect(mean, dialect).toBeLessThanOrEqual(tokenBudget)
    expect(tokenBudget).toBe(200)
  })

  test('is counted as the list is sent', () => {
    const responses = json('openai/responses.json') as object[]
    const tokens = responses.reduce((sum, tool) => sum + countTokens(JSON.stringify(tool)), 0)
    expect(listCosts(model).find(({ dialect }) => dialect === 'openai responses')?.tokens).toBe(tokens)
  })
})
