import { type GeneratedFile, jsonFile, originComment } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model } from '../model.ts'

/** The JSON Schema of dataface.yml for editors. */
export const emitProjectSchema = ({ project }: Model): GeneratedFile[] => [
  jsonFile('clients/editor/dataface.schema.json', {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $comment: originComment,
    title: 'Dataface project',
    ...withTemplates(project),
  }),
]

/** What the schema says is what a variable resolves to, which an editor cannot know. */
const template: JsonSchema = { type: 'string', pattern: '\\{\\{[^}]*\\}\\}' }

/**
 * Accepts an env_var template wherever a value stands that would refuse it: a number, a boolean, one of a list, a text of
 * a certain form. Not in a constant, because it tells the members of a union apart.
 */
const withTemplates = (schema: JsonSchema): JsonSchema => {
  const { description, ...rest } = schema
  if (schema.anyOf !== undefined) return { ...schema, anyOf: [...schema.anyOf, template] }
  if (schema.enum !== undefined || schema.pattern !== undefined || ['number', 'integer', 'boolean'].includes(String(schema.type)))
    return { ...(description !== undefined && { description }), anyOf: [rest, template] }
  const result: JsonSchema = { ...schema }
  if (schema.properties !== undefined)
    result.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, property]) => [name, withTemplates(property)]))
  if (schema.items !== undefined) result.items = withTemplates(schema.items)
  if (schema.oneOf !== undefined) result.oneOf = schema.oneOf.map(withTemplates)
  if (typeof schema.additionalProperties === 'object') result.additionalProperties = withTemplates(schema.additionalProperties)
  return result
}
