import { expect, test } from 'vitest'
import { openapiDocument } from '../../codegen/emitters/openapi.ts'
import type { JsonSchema } from '../../codegen/json-schema.ts'
import { compileModel } from '../../codegen/model.ts'
import { contracts, transforms } from '../../contracts/catalog.ts'
import { errorDefinitions } from '../../contracts/v1/errors.ts'
import { jsonSchemaCheck } from '../support/json-schema-check.ts'

interface MediaType {
  readonly schema: { readonly $ref: string }
  readonly examples?: Readonly<
    Record<string, { readonly summary: string; readonly value: { readonly errors?: readonly { readonly code: string }[] } }>
  >
}
interface Answer {
  readonly description: string
  readonly content: { readonly 'application/json': MediaType }
}
interface Operation {
  readonly operationId: string
  readonly summary: string
  readonly description: string
  readonly tags: readonly string[]
  readonly requestBody: { readonly $ref: string }
  readonly responses: Readonly<Record<string, Answer>>
}
interface Document {
  readonly openapi: string
  readonly servers: readonly { readonly url: string }[]
  readonly tags: readonly { readonly name: string }[]
  readonly paths: Readonly<Record<string, { readonly get?: Operation; readonly post?: Operation }>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly requestBodies: Readonly<Record<string, RequestBody>>
  }
}

interface RequestBody {
  readonly required: boolean
  readonly content: { readonly 'application/json': { readonly schema: JsonSchema; readonly examples?: MediaType['examples'] } }
}

const model = compileModel(contracts, transforms)
const versions = [...model.tools, ...model.earlier]
const document = openapiDocument(model, '1.2.3') as unknown as Document
const operations = Object.values(document.paths).flatMap(({ get, post }) => [get, post].filter((operation) => operation !== undefined))
const schemas = document.components.schemas

const bodyOf = (path: string): RequestBody | undefined =>
  document.components.requestBodies[document.paths[path]?.post?.requestBody.$ref.replace('#/components/requestBodies/', '') ?? '']

/** Every value under `key`, however deep. */
const collect = (value: unknown, key: string): unknown[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...collect(inner, key)])

const definitions = JSON.parse(JSON.stringify(schemas).replaceAll('#/components/schemas/', '#/$defs/')) as Record<string, JsonSchema>

/** A validator of one of the components, whose references lead to the others. */
const checkOf = (name: string): ((value: unknown) => boolean) => jsonSchemaCheck({ $ref: `#/$defs/${name}`, $defs: definitions })

test('it is an OpenAPI 3.1 document with a server, and an operation per tool beside the health ones', () => {
  expect(document).toMatchObject({ openapi: '3.1.1', info: { title: 'Dataface', version: '1.2.3' }, servers: [{ url: '/' }] })
  expect(Object.keys(document.paths).sort()).toEqual(
    [...versions.map(({ name, version }) => `/api/v${version.split('.')[0]}/${name}`), '/healthz', '/readyz'].sort(),
  )
})

test('operations have ids of their own, words, and tags that are declared', () => {
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const tags = new Set(document.tags.map(({ name }) => name))
  for (const operation of operations) {
    expect(operation.summary).not.toBe('')
    expect(operation.description).not.toBe('')
    expect(operation.tags.every((tag) => tags.has(tag))).toBe(true)
    for (const answer of Object.values(operation.responses)) expect(answer.description).not.toBe('')
  }
})

test('every reference leads to a component, and every component is referred to', () => {
  const targets = collect(document, '$ref').map((ref) => String(ref).replace('#/components/', ''))
  const there = Object.entries(document.components).flatMap(([kind, parts]) => Object.keys(parts).map((name) => `${kind}/${name}`))
  // Ways to give credentials are named, not referred to.
  expect([...new Set(targets), 'securitySchemes/bearer'].sort()).toEqual(there.sort())
})

test('every component is a JSON Schema 2020-12 that a validator compiles', () => {
  for (const name of Object.keys(schemas)) expect(() => checkOf(name), name).not.toThrow()
  for (const [name, { content }] of Object.entries(document.components.requestBodies))
    expect(() => jsonSchemaCheck(content['application/json'].schema), name).not.toThrow()
})

test.each(versions.map((tool) => [tool.path, tool] as const))(
  '%s states each of its statuses, each code with an example that fits',
  (path, tool) => {
    const operation = document.paths[path]?.post as Operation
    // Of a request that is no POST, too large, or not marked as JSON.
    const unread = [405, 413, 415]
    const statuses = [...new Set([...unread, ...tool.errors.map((code) => errorDefinitions[code].httpStatus)])].sort()
    expect(Object.keys(operation.responses)).toEqual(['200', ...statuses.map(String)])
    const fits = checkOf('Failure')
    const codes: string[] = []
    for (const [status, answer] of Object.entries(operation.responses)) {
      if (status === '200') continue
      const { schema, examples = {} } = answer.content['application/json']
      expect(schema.$ref).toBe('#/components/schemas/Failure')
      for (const [code, { value }] of Object.entries(examples)) {
        const isUnread = code === 'VALIDATION_ERROR' && unread.includes(Number(status))
        if (!isUnread) codes.push(code)
        expect(fits(value), code).toBe(true)
        expect(value.errors?.map((error) => error.code)).toEqual([code])
        if (!isUnread) expect(String(errorDefinitions[code as keyof typeof errorDefinitions].httpStatus)).toBe(status)
      }
    }
    expect(codes.sort()).toEqual([...tool.errors].sort())
  },
)

test.each(versions.map((tool) => [tool.path, tool] as const))('%s shows its examples, which fit what it states', (path, tool) => {
  const operation = document.paths[path]?.post as Operation
  const body = bodyOf(path)?.content['application/json']
  const answer = operation.responses['200']?.content['application/json'] as MediaType
  for (const { fits, examples = {} } of [
    { fits: jsonSchemaCheck(body?.schema ?? {}), examples: body?.examples },
    { fits: checkOf(answer.schema.$ref.replace('#/components/schemas/', '')), examples: answer.examples },
  ]) {
    expect(Object.values(examples).map(({ summary }) => summary)).toEqual(tool.examples.map(({ title }) => title))
    for (const { summary, value } of Object.values(examples)) expect(fits(JSON.parse(JSON.stringify(value))), summary).toBe(true)
  }
})

test('a body is required exactly when a tool has a required argument', () => {
  for (const { path, input } of versions) expect(bodyOf(path)?.required, path).toBe((input.required ?? []).length > 0)
})

test('a version that will go says so, and since when in its headers', () => {
  for (const { path, deprecated } of versions) {
    const operation = document.paths[path]?.post as Operation & { deprecated?: boolean }
    expect(operation.deprecated === true, path).toBe(deprecated !== undefined)
    expect('Deprecation' in (operation.responses['200'] as unknown as { headers: object }).headers, path).toBe(deprecated !== undefined)
  }
})
