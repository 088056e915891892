import type { JsonSchema } from '../../codegen/json-schema.ts'
import { compileModel, type Model, type ToolModel } from '../../codegen/model.ts'
import { contracts } from '../../contracts/catalog.ts'

const text: JsonSchema = { type: 'string', description: 'A text.' }
const count: JsonSchema = { type: 'integer' }
const objectOf = (properties: Record<string, JsonSchema>, required = Object.keys(properties)): JsonSchema => ({
  type: 'object',
  properties,
  required,
})
const closed = (schema: JsonSchema): JsonSchema => ({ ...schema, additionalProperties: false })
const listOf = (items: JsonSchema): JsonSchema => ({ type: 'array', items })

/** A tool like ours in size and depth, whose fields no other has. */
const syntheticTool = (model: ToolModel, index: number): ToolModel => {
  const own = (name: string): string => `${name}_${index}`
  return {
    ...model,
    name: `tool_${index}`,
    aliases: [],
    examples: [],
    streams: false,
    input: closed(
      objectOf(
        {
          [own('name')]: text,
          [own('limit')]: count,
          [own('kind')]: { type: 'string', enum: [own('a'), own('b'), 'c'] },
          [own('where')]: closed(objectOf({ [own('field')]: text, least: count, most: count }, ['least'])),
          [own('order')]: closed(objectOf({ by: text, [own('descending')]: { type: 'boolean' } }, ['by'])),
          tags: listOf(text),
          exact: { type: 'boolean' },
          note: { anyOf: [text, { type: 'null' }] },
        },
        [own('name'), own('where')],
      ),
    ),
    output: objectOf(
      {
        [own('rows')]: listOf(listOf({ anyOf: [text, count, { type: 'null' }] })),
        [own('items')]: listOf(
          objectOf({ [own('id')]: text, score: { type: 'number' }, parent: objectOf({ id: text }) }, [own('id'), 'score']),
        ),
        [own('totals')]: objectOf({ [own('sum')]: count, mean: { type: 'number' } }),
        [own('state')]: { type: 'string', enum: ['ready', own('waiting')] },
        [own('page')]: objectOf({ size: count, [own('more')]: { type: 'boolean' } }),
        elapsed_ms: { type: 'number' },
        truncated: { type: 'boolean' },
        text,
      },
      [own('items'), own('totals'), 'truncated'],
    ),
  }
}

/** A model of as many tools as asked, which share everything but their fields with one of ours. */
export const syntheticModel = (tools: number): Model => {
  const model = compileModel(contracts)
  return { ...model, tools: Array.from({ length: tools }, (_, index) => syntheticTool(model.tools[0] as ToolModel, index)) }
}

/** The numbers of twenty tools, spread over all. */
export const calledTools = (tools: number): number[] => Array.from({ length: 20 }, (_, index) => Math.floor((index * tools) / 20))
