/**
 * The same verdict on every surface: values sampled from the model, judged by the contract, by every schema that is
 * emitted, and by the types of the clients. Where a surface can say less, its verdict is that of the model without exactly
 * what its report says it cannot say.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Ajv } from 'ajv'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { accepts } from '../../codegen/compat/accepts.ts'
import { componentOf } from '../../codegen/emitters/openapi.ts'
import { pascalCase } from '../../codegen/generated-file.ts'
import { type JsonSchema, joinFields } from '../../codegen/json-schema.ts'
import { lossesOf } from '../../codegen/losses.ts'
import { compileModel, type ToolModel } from '../../codegen/model.ts'
import { contracts, hostContracts } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'
import { createInputCheck } from '../../server/dispatch/validate-input.ts'
import { corpus } from '../support/corpus.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'
import { root } from '../support/project-files.ts'
import { sampleValues } from '../support/sample-values.ts'

type Verdict = (value: unknown) => boolean

const all: readonly Contract[] = [...contracts, ...hostContracts]
const model = compileModel(all)
const contractOf = (name: string): Contract => all.find((contract) => contract.name === name) as Contract
const json = (path: string): unknown => JSON.parse(readFileSync(resolve(root, path), 'utf8'))
const losses = new Set(lossesOf(model).map(({ surface, tool, what }) => `${surface} ${tool} ${what}`))

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A schema changed part by part, from within; `field` as the report of losses names it. */
const mapSchema = (schema: JsonSchema, change: (part: JsonSchema, field: string) => JsonSchema, field = 'input'): JsonSchema => {
  const inner = (part: JsonSchema, at: string): JsonSchema => mapSchema(part, change, at)
  return change(
    {
      ...schema,
      ...(schema.properties !== undefined && {
        properties: Object.fromEntries(
          Object.entries(schema.properties).map(([name, part]) => [name, inner(part, joinFields(field, name))]),
        ),
      }),
      ...(schema.items !== undefined && { items: inner(schema.items, joinFields(field, '[]')) }),
      ...(typeof schema.additionalProperties === 'object' && {
        additionalProperties: inner(schema.additionalProperties, joinFields(field, '*')),
      }),
      ...(schema.anyOf !== undefined && { anyOf: schema.anyOf.map((part) => inner(part, field)) }),
      ...(schema.oneOf !== undefined && { oneOf: schema.oneOf.map((part) => inner(part, field)) }),
    },
    field,
  )
}

const without = (schema: JsonSchema, isGone: (keyword: string) => boolean): JsonSchema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => !isGone(keyword)))

/** The input of a tool without what a surface reports that it cannot say. What records hold, lists of entries say too. */
const withoutLosses = (tool: ToolModel, surface: string): JsonSchema =>
  mapSchema(tool.input, (part, field) =>
    without(part, (keyword) => keyword !== 'additionalProperties' && losses.has(`${surface} ${tool.name} ${field} ${keyword}`)),
  )

const typeKeywords = new Set('type properties required additionalProperties items anyOf oneOf enum const'.split(' '))
/** What types can say of a schema; `integer`: whether they know whole numbers. */
const typesOf = (schema: JsonSchema, integer: boolean): JsonSchema =>
  mapSchema(schema, (part) => {
    const kept = without(part, (keyword) => !typeKeywords.has(keyword))
    const named = (type: string): string => (type === 'integer' && !integer ? 'number' : type)
    return kept.type === undefined ? kept : { ...kept, type: Array.isArray(kept.type) ? kept.type.map(named) : named(kept.type) }
  })

const draft07Check = (schema: JsonSchema): Verdict => {
  const ajv = new Ajv({ strict: true, allowUnionTypes: true })
  addFormats.default(ajv)
  return ajv.compile(schema) as Verdict
}

/** A schema of the OpenAPI document, with what it refers to. */
const openapi = json('clients/openapi/openapi.json') as { components: { schemas: Record<string, object> } }
const openapiAjv = new Ajv2020.default({ strict: false })
addFormats.default(openapiAjv)
openapiAjv.addSchema({ $id: 'document', components: openapi.components })
const openapiCheck = (place: string): Verdict => openapiAjv.getSchema(`document#/components/${place}`) as Verdict

const tools = [...model.tools, ...model.hostTools]
const optionalsOf = ({ input }: ToolModel): string[] =>
  Object.keys(input.properties ?? {}).filter((name) => !input.required?.includes(name) && !accepts(input.properties?.[name] ?? {}, null))

const inputsOf = (tool: ToolModel): unknown[] =>
  sampleValues(tool.input, [
    ...contractOf(tool.name).examples.map(({ input }) => input),
    ...corpus.filter((one) => one.tool === tool.name).map(({ input }) => input),
  ]).filter((value) => JSON.stringify(value).length < 5000)

const isRecord = ({ type, properties, additionalProperties }: JsonSchema): boolean =>
  type === 'object' && properties === undefined && typeof additionalProperties === 'object'

/**
 * Whether the server takes an input in the form of another dialect, of which plain schemas know nothing: null for an
 * optional argument or for no arguments at all, and a list of entries for a record.
 */
const isOfOtherDialect = (tool: ToolModel, value: unknown): boolean =>
  value === null ||
  (isObject(value) &&
    (optionalsOf(tool).some((name) => value[name] === null) ||
      Object.entries(tool.input.properties ?? {}).some(([name, property]) => isRecord(property) && Array.isArray(value[name]))))

const outputsOf = (tool: ToolModel): unknown[] =>
  sampleValues(
    tool.output,
    contractOf(tool.name).examples.map(({ output }) => output),
  ).filter((value) => JSON.stringify(value).length < 20_000)

/** Where two verdicts are not the same; the value with its verdicts. */
const disagreements = (values: readonly unknown[], one: Verdict, other: Verdict): string[] =>
  values.filter((value) => one(value) !== other(value)).map((value) => `${one(value)} and ${other(value)}: ${JSON.stringify(value)}`)

const isTaken =
  (check: (input: unknown) => unknown): Verdict =>
  (value) => {
    try {
      check(value)
      return true
    } catch {
      return false
    }
  }

describe.each(tools.map((tool) => [tool.name, tool] as const))('an input of %s', (name, tool) => {
  const contract = contractOf(name)
  const server = isTaken(createInputCheck(contract))
  const samples = inputsOf(tool)
  const plain = samples.filter((value) => !isOfOtherDialect(tool, value))
  const truth: Verdict = (value) => contract.input.safeParse(value).success

  test('is sampled on both sides', () => {
    expect(plain.filter(truth).length).toBeGreaterThan(0)
    expect(plain.filter((value) => !truth(value)).length).toBeGreaterThan(5)
  })

  test('is judged alike by the contract, the server, the model, MCP and OpenAPI', () => {
    expect(disagreements(plain, truth, server)).toEqual([])
    expect(disagreements(plain, truth, jsonSchemaCheck(tool.input))).toEqual([])
    expect(disagreements(plain, truth, (value) => accepts(tool.input, value))).toEqual([])
    if (tool.executedBy === 'host') {
      const { tools: listed } = json('clients/editor/host-tools.json') as { tools: { name: string; inputSchema: JsonSchema }[] }
      return expect(disagreements(plain, truth, jsonSchemaCheck(listed.find((one) => one.name === name)?.inputSchema ?? {}))).toEqual([])
    }
    const { tools: listed } = json('clients/mcp/tools.json') as { tools: { name: string; inputSchema: JsonSchema }[] }
    expect(disagreements(plain, truth, jsonSchemaCheck(listed.find((one) => one.name === name)?.inputSchema ?? {}))).toEqual([])
    expect(disagreements(plain, truth, openapiCheck(`requestBodies/${componentOf(tool)}Input/content/application~1json/schema`))).toEqual(
      [],
    )
  })

  test('is judged by each dialect of function schemas as by the model without its reported losses', () => {
    const { languageModelTools } = json('clients/vscode/contributes.json') as {
      languageModelTools: { name: string; inputSchema: JsonSchema }[]
    }
    const vscode = languageModelTools.find((one) => one.name === name)?.inputSchema ?? {}
    expect(disagreements(plain, jsonSchemaCheck(withoutLosses(tool, 'vscode')), draft07Check(vscode))).toEqual([])
    if (tool.executedBy === 'host') return
    const anthropic = (json('clients/anthropic/tools.json') as { name: string; input_schema: JsonSchema }[]).find(
      (one) => one.name === name,
    )
    expect(disagreements(plain, truth, jsonSchemaCheck(anthropic?.input_schema ?? {}))).toEqual([])
    const [{ functionDeclarations } = { functionDeclarations: [] }] = json('clients/gemini/tools.json') as {
      functionDeclarations: { name: string; parametersJsonSchema: JsonSchema }[]
    }[]
    const gemini = functionDeclarations.find((one) => one.name === name)?.parametersJsonSchema ?? {}
    expect(disagreements(plain, jsonSchemaCheck(withoutLosses(tool, 'gemini')), jsonSchemaCheck(gemini))).toEqual([])

    const openai = (json('clients/openai/responses.json') as { name: string; parameters: JsonSchema }[]).find((one) => one.name === name)
    const strict = jsonSchemaCheck(openai?.parameters ?? {})
    const model = jsonSchemaCheck(withoutLosses(tool, 'openai'))
    expect(disagreements(plain, model, (value) => strict(strictForm(tool, value)))).toEqual([])
  })

  test('in the strict form, with null for what is left out, is taken by the server as the plain one', () => {
    const strict: Verdict = (value) => server(strictForm(tool, value))
    expect(disagreements(plain, server, strict)).toEqual([])
    const nulls: Verdict = (value) =>
      server(isObject(value) ? { ...Object.fromEntries(optionalsOf(tool).map((key) => [key, null])), ...value } : value)
    expect(disagreements(plain, server, nulls)).toEqual([])
  })
})

/** An input as OpenAI's strict mode has it: every key there, and records as lists of entries. */
const strictForm = ({ input }: ToolModel, value: unknown): unknown => {
  if (!isObject(value)) return value
  const given = Object.entries(value).map(([name, one]) => [
    name,
    isRecord(input.properties?.[name] ?? {}) && isObject(one)
      ? Object.entries(one).map(([key, entry]) => ({ name: key, value: entry }))
      : one,
  ])
  const optional = Object.keys(input.properties ?? {}).filter((name) => !input.required?.includes(name))
  return { ...Object.fromEntries(optional.map((name) => [name, null])), ...Object.fromEntries(given) }
}

describe.each(model.tools.map((tool) => [tool.name, tool] as const))('an output of %s', (name, tool) => {
  test('is judged alike by the contract, the model, OpenAPI, and MCP, which says types alone', () => {
    const samples = outputsOf(tool)
    const truth: Verdict = (value) => contractOf(name).output.safeParse(value).success
    expect(samples.filter(truth).length).toBeGreaterThan(0)
    expect(disagreements(samples, truth, jsonSchemaCheck(tool.output))).toEqual([])
    expect(disagreements(samples, truth, openapiCheck(`schemas/${componentOf(tool)}Output`))).toEqual([])
    const { tools: listed } = json('clients/mcp/tools.json') as { tools: { name: string; outputSchema: JsonSchema }[] }
    const mcp = jsonSchemaCheck(listed.find((one) => one.name === name)?.outputSchema ?? {})
    const answer = (data: unknown): object => ({ success: true, data, warnings: [], meta: {} })
    expect(disagreements(samples, jsonSchemaCheck(typesOf(tool.output, true)), (value) => mcp(answer(value)))).toEqual([])
  })
})

/** Values for each type of the clients: name of the type, its schema, and some of the samples. */
const typed = model.tools.flatMap((tool) => {
  const name = pascalCase(tool.name)
  const thin = (values: readonly unknown[], most: number): unknown[] =>
    values.filter((_, index) => index % Math.ceil(values.length / most) === 0)
  return [
    {
      type: `${name}Input`,
      schema: tool.input,
      values: thin(
        inputsOf(tool).filter((value) => !isOfOtherDialect(tool, value)),
        120,
      ),
    },
    { type: `${name}Output`, schema: tool.output, values: thin(outputsOf(tool), 60) },
  ]
})

describe('the types of the clients', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'surfaces-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** A literal with keys that its type does not know is an error, so outputs count as closed here. */
  const closed = (schema: JsonSchema): JsonSchema =>
    mapSchema(schema, (part) =>
      part.type === 'object' && part.additionalProperties === undefined ? { ...part, additionalProperties: false } : part,
    )

  test.each(['typescript', 'trpc'])('of the %s client judge values as the model does, as far as types can', (client) => {
    mkdirSync(join(folder, client))
    cpSync(resolve(root, 'clients', client, 'types.d.ts'), join(folder, client, 'types.d.ts'))
    const lines: string[] = ["import type * as types from './types.js'"]
    const expected: { line: number; isTaken: boolean; text: string }[] = []
    for (const { type, schema, values } of typed) {
      const check = jsonSchemaCheck(closed(typesOf(schema, false)))
      for (const value of values) {
        lines.push(`export const v${lines.length}: types.${type} = ${JSON.stringify(value)}`)
        expected.push({ line: lines.length, isTaken: check(value), text: `${type} ${JSON.stringify(value).slice(0, 300)}` })
      }
    }
    writeFileSync(join(folder, client, 'values.ts'), lines.join('\n'))
    const compilerOptions = {
      target: 'es2022',
      module: 'nodenext',
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
    }
    writeFileSync(join(folder, client, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['values.ts'] }))
    let report = ''
    try {
      execFileSync(process.execPath, [resolve(root, 'node_modules/typescript/bin/tsc'), '-p', join(folder, client)], {
        ...{ cwd: join(folder, client), encoding: 'utf8', maxBuffer: 1 << 28, stdio: 'pipe' },
      })
    } catch (error) {
      report = (error as { stdout: string }).stdout
    }
    const refused = new Set([...report.matchAll(/^values\.ts\((\d+),/gm)].map(([, line]) => Number(line)))
    expect(refused.size).toBeGreaterThan(100)
    const wrong = expected.filter(({ line, isTaken }) => isTaken === refused.has(line)).map(({ isTaken, text }) => `${isTaken}: ${text}`)
    expect(wrong).toEqual([])
  })

  /** Lists of texts that answers choose from may grow there. */
  const pythonOf = (schema: JsonSchema, isOutput: boolean): JsonSchema =>
    mapSchema(schema, (part) => (isOutput ? without(part, (keyword) => keyword === 'enum') : part))

  test('of the Python client judge values as the model does, as far as types can', () => {
    // What takes no arguments has a method without any, and no type.
    const given = typed.filter(({ schema }) => Object.keys(schema.properties ?? {}).length > 0)
    const stdout = execFileSync('python3', [resolve(root, 'test/clients/python/typed_verdicts.py')], {
      env: { PATH: process.env.PATH, PYTHONPATH: resolve(root, 'clients/python/src'), PYTHONDONTWRITEBYTECODE: '1' },
      ...{ input: JSON.stringify(given.map(({ type, values }) => [type, values])), encoding: 'utf8', maxBuffer: 1 << 26 },
    })
    const verdicts = JSON.parse(stdout) as boolean[][]
    for (const [index, { type, schema, values }] of given.entries()) {
      const check = jsonSchemaCheck(pythonOf(typesOf(schema, true), type.endsWith('Output')))
      const python = new Map(values.map((value, at) => [value, verdicts[index]?.[at] === true]))
      expect(
        disagreements(values, check, (value) => python.get(value) === true),
        type,
      ).toEqual([])
    }
  })
})
