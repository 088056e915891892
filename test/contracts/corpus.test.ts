import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { contracts, hostContracts, transforms } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'
import { createInputCheck } from '../../server/dispatch/validate-input.ts'
import { errorItem, Fault, Faults } from '../../server/envelope/fault.ts'
import { type CorpusCase, corpus, type Surface } from '../support/corpus.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'
import { root } from '../support/project-files.ts'

const generated = (path: string): unknown => JSON.parse(readFileSync(resolve(root, path), 'utf8'))

const surfacesOf = ({ executedBy }: Contract): Surface[] => (executedBy === 'host' ? ['editor'] : ['mcp', 'openapi', 'openai'])

/** The file of a surface, in the folder of the version for one that is earlier. */
const surfaceFile = (path: string, contract: Contract): unknown =>
  generated(contracts.includes(contract as never) ? path : path.replace(/[^/]+$/, `v${majorOf(contract)}/$&`))

const inputSchemas: Record<Surface, (contract: Contract) => JsonSchema> = {
  mcp: (contract) => {
    const list = surfaceFile('server/generated/mcp-tools.json', contract) as { name: string; inputSchema: JsonSchema }[]
    return list.find(({ name }) => name === contract.name)?.inputSchema as JsonSchema
  },
  openapi: (contract) => {
    const document = generated('server/generated/openapi.json') as {
      paths: Record<string, { post: { requestBody: { $ref: string } } }>
      components: { requestBodies: Record<string, { content: { 'application/json': { schema: JsonSchema } } }> }
    }
    const path = `/api/v${majorOf(contract)}/${contract.name}`
    const { $ref } = document.paths[path]?.post.requestBody ?? { $ref: '' }
    return document.components.requestBodies[$ref.replace('#/components/requestBodies/', '')]?.content['application/json']
      .schema as JsonSchema
  },
  openai: (contract) => {
    const list = surfaceFile('clients/openai/responses.json', contract) as { name: string; parameters: JsonSchema }[]
    return list.find(({ name }) => name === contract.name)?.parameters as JsonSchema
  },
  editor: (contract) => {
    const { tools } = generated('clients/editor/host-tools.json') as { tools: { name: string; inputSchema: JsonSchema }[] }
    return tools.find(({ name }) => name === contract.name)?.inputSchema as JsonSchema
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

const majorOf = ({ version }: Contract): number => Number(version.split('.')[0])

const isOf = (contract: Contract, { tool, major }: CorpusCase): boolean => tool === contract.name && major === majorOf(contract)

const casesOf = (contract: Contract): CorpusCase[] => corpus.filter((one) => isOf(contract, one))

const all: readonly Contract[] = [...contracts, ...transforms.map(({ from }) => from), ...hostContracts]

describe.each(all.map((contract) => [`${contract.name}@${contract.version}`, contract] as const))('%s', (_label, contract) => {
  const check = createInputCheck(contract)

  test.each(casesOf(contract).map((one) => [one.verdict, one.title, one] as const))(
    '%ss: %s',
    (verdict, _title, { input, expect: expected }) => {
      const faults = faultsOf(check, input).map(errorItem)
      expect(faults.map(({ code, path }) => ({ code, ...(path !== undefined && { path }) }))).toEqual(verdict === 'accept' ? [] : expected)
    },
  )

  test.each(surfacesOf(contract))('its %s schema gives the same verdict, but for what is written down', (surface) => {
    const schema = inputSchemas[surface](contract)
    const isTaken = jsonSchemaCheck(schema)
    const wrong = casesOf(contract).filter(({ verdict, input, differs }) => {
      const taken = isTaken(surface === 'openai' ? asStrictModelSends(input, schema) : input)
      return taken !== ((verdict === 'accept') !== (differs?.[surface] !== undefined))
    })
    expect(wrong.map(({ file }) => file)).toEqual([])
  })
})

test('every case belongs to a tool, has a title of its own and says what it expects', () => {
  expect(corpus.filter((one) => !all.some((contract) => isOf(contract, one))).map(({ file }) => file)).toEqual([])
  expect(corpus.filter(({ verdict, expect: errors }) => (verdict === 'reject') !== (errors !== undefined)).map(({ file }) => file)).toEqual(
    [],
  )
  const titles = corpus.map(({ tool, major, title }) => `${tool}@${major}: ${title}`)
  expect(titles.filter((title, index) => titles.indexOf(title) !== index)).toEqual([])
})
