/** What a chart of each type needs is told by the schema, by validation and by drawing alike. */
import { expect, test } from 'vitest'
import { type ChartType, chartTypes } from '../../contracts/v1/board/charts.ts'
import { requiredKeys } from '../../contracts/v1/board/required-keys.ts'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import boardLanguage from '../../server/generated/board-language.json' with { type: 'json' }

const whole = (type: ChartType): Record<string, unknown> =>
  Object.fromEntries([['type', type], ...requiredKeys[type].map(([key = '']) => [key, key === 'query' ? 'q' : 'a'])])

const codesOf = async (chart: unknown): Promise<string[]> => {
  const text = JSON.stringify({ queries: { q: { columns: ['a'], values: [[1]] } }, charts: { t: chart, u: { type: 'table', query: 'q' } } })
  const { diagnostics } = await compileBoard(text, 'boards/one.yml', { read: async () => undefined, sources: [] })
  return diagnostics.map(({ code }) => code)
}

test.each(chartTypes)('a chart of type %s', async (type) => {
  expect(await codesOf(whole(type))).toEqual([])
  const definition = Object.values(boardLanguage.schema.$defs).find(
    (one) => 'properties' in one && 'type' in one.properties && (one.properties.type as { const?: string }).const === type,
  ) as { required: string[] }
  const text = boardLanguage.topics.find(({ name }) => name === type)?.text
  for (const keys of requiredKeys[type]) {
    const [key = ''] = keys
    const without = Object.fromEntries(Object.entries(whole(type)).filter(([one]) => one !== key))
    expect(await codesOf(without), key).toEqual([key === 'query' ? 'QUERY_MISSING' : 'MISSING_KEY'])
    if (keys.length > 1) continue
    expect(definition.required, key).toContain(key)
    expect(text, key).toMatch(new RegExp(`^${key}\\*: `, 'm'))
  }
})
