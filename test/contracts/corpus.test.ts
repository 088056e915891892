import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { contracts, hostContracts } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'
import { createInputCheck } from '../../server/dispatch/validate-input.ts'
import { errorItem, Fault, Faults } from '../../server/envelope/fault.ts'
import { type CorpusCase, corpus, type Surface } from '../support/corpus.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'
import { root } from '../support/project-files.ts'

const generated = (path: string): unknown => JSON.parse(readFileSync(resolve(root, path), 'utf8'))

const surfacesOf = ({ executedBy }: Contract): Surface[] => (executedBy === 'host' ? ['editor'] : ['mcp', 'openapi', 'openai'])

const inputSchemas: Record<Surface, (tool: string) => JsonSchema> = {
  mcp: (tool) => {
    const list = generated('server/generated/mcp-tools.json') as { name: string; inputSchema: JsonSchema }[]
    return list.find(({ name }) => name === tool)?.inputSchema as JsonSchema
  },
  openapi: (tool) => {
    const document = generated('server/generated/openapi.json') as {
      paths: Record<string, { post: { requestBody: { content: { 'application/json': { schema: { $ref: string } } } } } }>
      components: { schemas: Record<string, JsonSchema> }
    }
    const { $ref } = document.paths[`/api/v1/${tool}`]?.post.requestBody.content['application/json'].schema ?? { $ref: '' }
    return document.components.schemas[$ref.replace('#/components/schemas/', '')] as JsonSchema
  },
  openai: (tool) => {
    const list = generated('clients/openai/responses.json') as { name: string; parameters: JsonSchema }[]
    return list.find(({ name }) => name === tool)?.parameters as JsonSchema
  },
  editor: (tool) => {
    const { tools } = generated('clients/editor/host-tools.json') as { tools: { name: string; inputSchema: JsonSchema }[] }
    return tools.find(({ name }) => name === tool)?.inputSchema as JsonSchema
  },
}

/** What a model in strict mode sends: every key of the schema, null where it has nothing to say. */
const asStrictModelSends = (input: unknown, { properties = {} }: JsonSchema): unknown =>
  typeof input === 'object' && input !== null && !Array.isArray(input)
    ? { ...Object.fromEntries(optionalKeys(properties).map((name) => [name, null])), ...input }
    : input

const optionalKeys = (properties: Readonly<Record<string, JsonSchema>>): string[] =>
  Object.entries(properties)
    .filter(([, { type, anyOf = [] }]) => [type].flat().includes('null') || anyOf.some((arm) => arm.type === 'null'))
    .map(([name]) => name)

const faultsOf = (check: (input: unknown) => unknown, input: unknown): readonly Fault[] => {
  try {
    check(input)
    return []
  } catch (error) {
    if (error instanceof Faults) return error.list
    if (error instanceof Fault) return [error]
    throw error
  }
}

const casesOf = (tool: string): CorpusCase[] => corpus.filter((one) => one.tool === tool)

const all: readonly Contract[] = [...contracts, ...hostContracts]

describe.each(all.map((contract) => [contract.name, contract] as const))('%s', (name, contract) => {
  const check = createInputCheck(contract)

  test.each(casesOf(name).map((one) => [one.verdict, one.title, one] as const))(
    '%ss: %s',
    (verdict, _title, { input, expect: expected }) => {
      const faults = faultsOf(check, input).map(errorItem)
      expect(faults.map(({ code, path }) => ({ code, ...(path !== undefined && { path }) }))).toEqual(verdict === 'accept' ? [] : expected)
    },
  )

  test.each(surfacesOf(contract))('its %s schema gives the same verdict, but for what is written down', (surface) => {
    const schema = inputSchemas[surface](name)
    const isTaken = jsonSchemaCheck(schema)
    const wrong = casesOf(name).filter(({ verdict, input, differs }) => {
      const taken = isTaken(surface === 'openai' ? asStrictModelSends(input, schema) : input)
      return taken !== ((verdict === 'accept') !== (differs?.[surface] !== undefined))
    })
    expect(wrong.map(({ file }) => file)).toEqual([])
  })
})

test('every case belongs to a tool, has a title of its own and says what it expects', () => {
  expect(corpus.filter(({ tool }) => !all.some(({ name }) => name === tool)).map(({ file }) => file)).toEqual([])
  expect(corpus.filter(({ verdict, expect: errors }) => (verdict === 'reject') !== (errors !== undefined)).map(({ file }) => file)).toEqual(
    [],
  )
  const titles = corpus.map(({ tool, title }) => `${tool}: ${title}`)
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
})
