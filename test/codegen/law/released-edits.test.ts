/** Edits of what we released itself, at every depth: each is found, and what breaks has a witness that a validator confirms. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { compareSchemas } from '../../../codegen/compat/compare-schemas.ts'
import { type Direction, levelOf } from '../../../codegen/compat/law.ts'
import { canonical, normalise } from '../../../codegen/compat/normal-form.ts'
import type { ReleasedModel } from '../../../codegen/compat/released-model.ts'
import type { JsonSchema } from '../../../codegen/json-schema.ts'
import { jsonSchemaCheck } from '../../support/json-schema-check.ts'
import { root } from '../../support/project-files.ts'

const released = JSON.parse(readFileSync(resolve(root, 'contracts/released/v1.json'), 'utf8')) as ReleasedModel

const without = (schema: JsonSchema, name: string): JsonSchema => {
  const { [name]: _gone, ...properties } = schema.properties ?? {}
  return { ...schema, properties, required: (schema.required ?? []).filter((other) => other !== name) }
}
const flipped = (required: readonly string[] = [], name: string): string[] =>
  required.includes(name) ? required.filter((other) => other !== name) : [...required, name]

/** What may be done to one place of a schema. */
const editsAt = (schema: JsonSchema): [what: string, after: JsonSchema][] => {
  const { type, maxLength, minimum, maximum, enum: values, properties, required, anyOf } = schema
  return [
    ...(maxLength === undefined ? [] : [['a bound that falls', { ...schema, maxLength: maxLength - 1 }] as [string, JsonSchema]]),
    ...(minimum === undefined ? [] : [['a bound that rises', { ...schema, minimum: minimum + 1 }] as [string, JsonSchema]]),
    ...(maximum === undefined ? [] : [['a bound that is lifted', { ...schema, maximum: maximum * 2 + 1 }] as [string, JsonSchema]]),
    ...(values === undefined ? [] : [['a value more', { ...schema, enum: [...values, 'zz'] }] as [string, JsonSchema]]),
    ...(values === undefined || values.length < 2 ? [] : [['a value less', { ...schema, enum: values.slice(1) }] as [string, JsonSchema]]),
    ...(type === 'integer' ? [['another type', { ...schema, type: 'number' }] as [string, JsonSchema]] : []),
    ...(type === 'string' && values === undefined ? [['a pattern', { ...schema, pattern: '^only$' }] as [string, JsonSchema]] : []),
    ...(type === 'array' ? [['more items', { ...schema, minItems: (schema.minItems ?? 0) + 2 }] as [string, JsonSchema]] : []),
    ...Object.keys(properties ?? {}).flatMap((name): [string, JsonSchema][] => [
      [`${name} is gone`, without(schema, name)],
      [`${name} is required, or no longer`, { ...schema, required: flipped(required, name) }],
    ]),
    ...(anyOf === undefined || anyOf.length < 2 ? [] : [['an arm less', { ...schema, anyOf: anyOf.slice(1) }] as [string, JsonSchema]]),
    ...(anyOf === undefined ? [] : [['an arm more', { ...schema, anyOf: [...anyOf, { type: 'null' }] }] as [string, JsonSchema]]),
  ]
}

interface Edit {
  readonly place: string
  readonly after: JsonSchema
}

function* editsOf(schema: JsonSchema, place = ''): Generator<Edit> {
  for (const [what, after] of editsAt(schema)) yield { place: `${place}: ${what}`, after }
  const parts: [string, JsonSchema, (part: JsonSchema) => JsonSchema][] = [
    ...(['properties', '$defs'] as const).flatMap((key) =>
      Object.entries(schema[key] ?? {}).map(([name, part]): (typeof parts)[number] => [
        name,
        part,
        (changed) => ({ ...schema, [key]: { ...schema[key], [name]: changed } }),
      ]),
    ),
    ...(['items', 'additionalProperties'] as const).flatMap((key): typeof parts => {
      const part = schema[key]
      return typeof part === 'object' ? [[key, part, (changed) => ({ ...schema, [key]: changed })]] : []
    }),
    ...(schema.anyOf ?? []).map((part, index): (typeof parts)[number] => [
      String(index),
      part,
      (changed) => ({ ...schema, anyOf: (schema.anyOf ?? []).with(index, changed) }),
    ]),
  ]
  for (const [name, part, put] of parts)
    for (const { place: inner, after } of editsOf(part, `${place}/${name}`)) yield { place: inner, after: put(after) }
}

const wholes: [name: string, direction: Direction, schema: JsonSchema, each: number][] = [
  ...released.tools.flatMap(({ name, version, input, output }): typeof wholes => [
    [`input of ${name} ${version}`, 'input', input, 4],
    [`output of ${name} ${version}`, 'output', output, 6],
  ]),
  ['dataface.yml', 'input', released.project, 150],
  ['board', 'input', released.board, 1500],
]

test.each(wholes)('an edit of the %s is found, with a witness where it breaks', (_name, direction, before, each) => {
  const took = jsonSchemaCheck(before)
  let tried = 0
  for (const [index, { place, after }] of [...editsOf(before)].entries()) {
    if (index % each !== 0) continue
    tried++
    const changes = compareSchemas(before, after, direction)
    const takes = jsonSchemaCheck(after)
    if (changes.length === 0) expect(canonical(normalise(after)), place).toBe(canonical(normalise(before)))
    for (const { rule, effect, guard, witness, field } of changes) {
      // What may hold anything leaves nothing to refuse when it is gone.
      if (levelOf(direction, effect, guard) === 'breaking' && rule !== 'field-removed')
        expect(witness, `${place}: ${field} ${rule}`).toBeDefined()
      if (witness === undefined) continue
      const verdicts = [took(witness.value), takes(witness.value)]
      expect(verdicts, `${place}: ${field} ${rule}`).toEqual([witness.acceptedBy === 'before', witness.acceptedBy === 'after'])
    }
  }
  expect(tried > 0).toBe(editsAt(before).length > 0)
})
