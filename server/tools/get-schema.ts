import { getSchema } from '../../contracts/v1/tools/get-schema.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'

export const handler = defineHandler(getSchema, async ({ topic, format }) => {
  const { default: language } = await import('../generated/board-language.json', { with: { type: 'json' } })
  const topics = language.topics.map(({ name, summary }) => ({ name, summary }))
  const whole = topic === 'all'
  const wanted = topic ?? 'board'
  const found = whole ? language.topics : language.topics.filter(({ name }) => name === wanted)
  if (found.length === 0) {
    const near = nearestName(
      wanted,
      topics.map(({ name }) => name),
    )
    throw new Fault('VALIDATION_ERROR', `The language has no topic "${wanted}".`, {
      path: 'topic',
      hint: `${near === undefined ? '' : `Did you mean "${near}"? `}Topics: all, ${topics.map(({ name }) => name).join(', ')}.`,
    })
  }
  return {
    data: {
      version: language.version,
      topic: wanted,
      topics: topic === undefined || whole ? topics : [],
      ...(format === 'text' && { text: found.map(({ text }) => text).join('\n\n') }),
      ...(format === 'json_schema' && { json_schema: whole ? language.schema : partOf(language.schema, found[0]?.blocks ?? []) }),
    },
  }
})

type Schema = Record<string, unknown>

/** The definitions of a topic with those that they name. */
const partOf = (schema: Schema, blocks: readonly string[]): Schema => {
  const { $defs, ...board } = schema as Schema & { $defs: Record<string, Schema> }
  const definitions: Record<string, Schema> = { ...$defs, Board: board }
  const needed: Record<string, Schema> = {}
  const take = (name: string): void => {
    const definition = definitions[name]
    if (definition === undefined || needed[name] !== undefined) return
    needed[name] = definition
    for (const [, reference] of JSON.stringify(definition).matchAll(/"#\/\$defs\/([^"]+)"/g)) take(reference as string)
  }
  for (const block of blocks) take(block)
  const [only, second] = blocks
  return { ...(only !== undefined && second === undefined && { $ref: `#/$defs/${only}` }), $defs: needed }
}
