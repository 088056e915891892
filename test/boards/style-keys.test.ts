/** No key of style is taken in silence: each changes a picture, or using it is a finding. */

import { expect, test } from 'vitest'
import type * as z from 'zod'
import { type ChartType, chartSchema } from '../../contracts/v1/board/charts.ts'
import { undrawnKeys } from '../../server/boards/compile/check-style.ts'
import { type StyleLeaf, styleLeaves } from './fixtures/style-leaves.ts'
import { changesPicture } from './fixtures/try-style.ts'

/** Keys that show on the page and not in a picture. */
const ofThePage = /(^|\.)(link|header_link)$/

/** These draw as their siblings do. */
const siblings: ReadonlySet<ChartType> = new Set(['geoshape', 'bubble_map'])

const subjects = chartSchema.options.flatMap(({ shape }) => {
  const type = shape.type.value
  return siblings.has(type) ? [] : [{ type, leaves: leavesOf(shape.style, type) }]
})

function leavesOf(style: z.ZodType, type: ChartType): StyleLeaf[] {
  const byPath = new Map<string, StyleLeaf>()
  for (const leaf of styleLeaves(style, type === 'table' ? ['v', 't'] : ['b'])) {
    const key = leaf.path.join('.')
    byPath.set(key, { path: leaf.path, samples: [...(byPath.get(key)?.samples ?? []), ...leaf.samples] })
  }
  return [...byPath.values()]
}

const isToldUndrawn = ({ path }: StyleLeaf, type: ChartType): boolean => {
  const style = path.toReversed().reduce<unknown>((inner, key) => ({ [key]: inner }), 0)
  return undrawnKeys(style, type).length > 0
}

test.each(subjects)(
  'every key of the style of $type is drawn, or told to change nothing',
  { timeout: 120_000 },
  async ({ type, leaves }) => {
    expect(leaves.length).toBeGreaterThan(20)
    const silent: string[] = []
    const wrongly: string[] = []
    // What a column of numbers shows, one of lists need not, and the other way round.
    const named = Map.groupBy(leaves, ({ path }) => path.join('.').replace(/^columns\.[vt]\./, 'columns.*.'))
    for (const [name, same] of named) {
      let isDrawn = false
      for (const leaf of same) isDrawn ||= await changesPicture(type, leaf)
      const isTold = isToldUndrawn(same[0] as StyleLeaf, type)
      if (!isDrawn && !isTold && !ofThePage.test(name)) silent.push(name)
      if (isDrawn && isTold) wrongly.push(name)
    }
    expect({ silent, wrongly }).toEqual({ silent: [], wrongly: [] })
  },
)
