/** A finding stands where its mistake was made, and says what to do. */
import { describe, expect, test } from 'vitest'
import { compileBoard } from '../../server/boards/compile/compile-board.ts'
import { boardProject } from '../support/board-project.ts'

const findingsOf = async (text: string) =>
  (await compileBoard(text, 'boards/one.yml', { read: async () => undefined, sources: ['shop', 'weather'] })).diagnostics

describe('a finding stands at the key, or the word, that is wrong', () => {
  test.each<[string, string, string, string]>([
    ['a format', 'FORMAT_INVALID', 'charts: {t: {type: bar, query: q, x: a, y: b, style: {', 'number_format: "zz!"}}}'],
    [
      'a format of an axis',
      'FORMAT_NATIVE_IN_AXIS',
      'charts: {t: {type: bar, query: q, x: a, y: b, style: {',
      'number_format: percent_number}}}',
    ],
    ['a format of a board', 'FORMAT_PREDEFINED_SHADOW', 'style: {formats: {', 'percent: ".2f"}}'],
    ['a colour', 'UNKNOWN_COLOR', 'style: {charts: {bar: {color: {', 'static: blurple}}}}'],
    [
      'a colour of a rule',
      'UNKNOWN_COLOR',
      'charts: {t: {type: table, query: q, conditional_formatting: {a: {when: [{eq: 1, ',
      'background: blurple}]}}}}',
    ],
    [
      'a palette',
      'UNKNOWN_COLOR',
      'charts: {t: {type: heatmap, query: q, x: a, y: b, color: c, style: {color: {gradient: {',
      'palette: blurple}}}}}',
    ],
    ['a default', 'BAD_VARIABLE_VALUE', 'variables: {v: {input: number, ', 'default: many}}'],
    ['a default that is no day', 'BAD_VARIABLE_VALUE', 'variables: {v: {input: date, ', 'default: soon}}'],
    ['a default beyond its limit', 'BAD_VARIABLE_VALUE', 'variables: {v: {input: slider, min: 1, max: 5, ', 'default: 9}}'],
    ['a default that is no option', 'BAD_VARIABLE_VALUE', 'variables: {v: {options: [a, b], ', 'default: c}}'],
    ['a limit that is no number', 'WRONG_VALUE', 'variables: {v: {input: slider, ', 'min: low}}'],
    ['a limit that is no day', 'WRONG_VALUE', 'variables: {v: {input: date, ', 'max: late}}'],
    ['limits the wrong way round', 'WRONG_VALUE', 'variables: {v: {input: number, max: 1, ', 'min: 5}}'],
    ['a click that sets nothing', 'UNKNOWN_VARIABLE', 'charts: {t: {type: table, query: q, ', 'select: gone}}'],
    [
      'an id that another chart has',
      'DUPLICATE_CHART',
      'charts: {t: {type: table, query: q, id: one}, u: {type: table, query: q, ',
      'id: one}}',
    ],
    ['a name that another chart has', 'DUPLICATE_CHART', 'rows: [{t: {type: table, query: q}}, {', 't: {type: table, query: q}}]'],
    ['an item that is too wide', 'GRID_OVERFLOW', 'grid: {columns: 12, items: [{item: {text: x}, ', 'col_span: 13}]}'],
    ['an item beyond the last column', 'GRID_OVERFLOW', 'grid: {columns: 12, items: [{item: {text: x}, col_span: 4, ', 'col: 10}]}'],
    [
      'items over each other',
      'GRID_OVERLAP',
      'grid: {items: [{item: {text: x}, col: 0, row: 0, row_span: 2}, ',
      '{item: {text: y}, col: 2, row: 1, col_span: 2}]}',
    ],
    ['a source of a board within', 'UNKNOWN_SOURCE', 'rows: [{charts: {t: {type: table, query: SELECT 1}}, ', 'source: shob}]'],
    ['a quote', 'YAML_ERROR', 'notes: ', '"abc'],
    ['a bracket', 'YAML_ERROR', 'tags: ', '[a, b'],
    ['a bracket of a block', 'YAML_ERROR', 'charts: ', '{t: {type: table}'],
  ])('%s', async (_name, code, before, wrong) => {
    const hasContent = /^(charts|rows|grid)/.test(before)
    const line = `${before}${wrong}`
    const found = await findingsOf(
      `queries: {q: {columns: [a, b, c], values: [[1, 2, 3]]}}\n${hasContent ? '' : 'text: x\n'}${line}\ntitle: x\n`,
    )
    const place = found.find((one) => one.code === code)
    expect(found.map((one) => one.code)).toContain(code)
    expect([place?.line, place?.column]).toEqual([hasContent ? 2 : 3, before.length + 1])
  })
})

test.each([
  ['x', 'UNKNOWN_COLUMN', '{type: bar, query: q, ', 'x: c, y: b}'],
  ['y', 'MEASURE_NOT_NUMERIC', '{type: bar, query: q, x: b, ', 'y: a}'],
  ['sort', 'SORT_COLUMN_MISSING', '{type: bar, query: q, x: a, y: b, ', 'sort: {by: c}}'],
  ['support', 'UNKNOWN_COLUMN', '{type: kpi, query: q, value: b, support: {', 'value: c}}'],
])('a column that is wrong for the data is told at its key: %s', async (_key, code, before, wrong) => {
  const project = await boardProject({})
  try {
    const yaml = `queries: {q: {columns: [a, b], values: [[x, 1]]}}\ncharts: {t: ${before}${wrong}}\n`
    const { diagnostics } = await project.data<{ diagnostics: unknown[] }>('render_dashboard', { yaml, format: 'svg' })
    expect(diagnostics).toContainEqual(expect.objectContaining({ code, line: 2, column: 'charts: {t: '.length + before.length + 1 }))
  } finally {
    await project.close()
  }
})

test('the source of a board is told once, and that of a query of each', async () => {
  const charts = Array.from({ length: 5 }, (_, index) => `  t${index}: {type: table, query: SELECT ${index}}`).join('\n')
  expect((await findingsOf(`source: shob\ncharts:\n${charts}`)).map(({ code, line, fix }) => [code, line, fix])).toEqual([
    ['UNKNOWN_SOURCE', 1, 'Did you mean "shop"?'],
  ])
})

test.each(['board', 'face', 'dashboard'])('a whole board under %s: is told as such, and nothing more', async (key) => {
  const found = await findingsOf(`${key}:\n  title: x\n  queries: {q: SELECT 1}\n  charts: {t: {type: table, query: q}}\n  rows: [t]\n`)
  expect(found.map(({ code, message, fix }) => [code, message, fix])).toEqual([
    ['UNKNOWN_KEY', `The whole board stands under "${key}".`, expect.stringContaining(`Remove the line ${key}:`)],
  ])
})

test('every fault of shape says what to write', async () => {
  const found = await findingsOf(`text: 5
cache: yes
variables: {a: 5, b: {options: {a: 1}}, c: {min: []}, d: {default: {a: 1}, step: 0}}
queries: {q: 5, r: {}, s: {sql: 5}, t: {columns: [a]}, u: {sql: ""}}
charts: {a: {type: bar, query: 5, x: [1], y: {a: 1}, sort: desc, height: big, layers: {}, style: {legend: 5, max_bars: 5000}}, b: 5, c d: 5}
rows: {a: b}
style: {accent: 5, frame: {width: wide, margin: x}}
card_gap: huge
tags: {}
title: ${'x'.repeat(600)}
`)
  expect(found.length).toBeGreaterThan(25)
  for (const { message, fix = '' } of found)
    expect(fix, message).toMatch(/\b(Write|Add|Use|Known keys|Pixels|It must match|How long|Start with|Shorten|remove)\b/)
  expect(JSON.stringify(found)).not.toMatch(/as the finding says|values it lists|the value"/)
})

test('what is wrong in a Markdown board is told where it stands in the file', async () => {
  const lines = [
    '---',
    'notes: x',
    'queries: {q: {columns: [a], values: [[1]]}}',
    'charts:',
    '  t: {type: table, query: q, titel: T}',
    '---',
    '# Words',
    '',
    '  {{ chart t }}',
    'More, and {{ gone }}',
    '',
    '   - a list {{ away }}',
    '{{ chart "nope" }}',
    '{{ chart t }}',
    'then {{ chart t }} again',
    'and {{ lost',
  ]
  const project = await boardProject({ 'boards/one.md': lines.join('\n') })
  try {
    const { diagnostics } = await project.data<{ diagnostics: { code: string; line: number; column: number }[] }>('validate_yaml', {
      path: 'boards/one.md',
    })
    expect(diagnostics.map(({ code, line, column }) => `${code} ${(lines[line - 1] as string).slice(column - 1)}`)).toEqual([
      'UNKNOWN_KEY titel: T}',
      'UNKNOWN_VARIABLE gone }}',
      'UNKNOWN_VARIABLE away }}',
      'UNKNOWN_CHART "nope" }}',
      'TEMPLATE_ERROR t }} again',
      'TEMPLATE_ERROR {{ lost',
    ])
  } finally {
    await project.close()
  }
})

test.each(['title', 'text', 'sql'] as const)('an output that cannot be read hides no other: in %s', async (kind) => {
  const template = 'x {{ gone }} y\n{{ 1 + }} z {{ away }} {{ lost | uper }}'
  const value = JSON.stringify(kind === 'sql' ? `SELECT {{ gone }},\n{{ 1 + }}, {{ away }}, {{ lost | uper }}` : template)
  const found = await findingsOf(
    kind === 'sql'
      ? `queries: {q: ${value}}\ncharts: {t: {type: table, query: q}}\n`
      : `${kind}: ${value}\ncharts: {t: {type: callout, text: x}}\n`,
  )
  const codes = found.map((one) => one.code).filter((code) => code !== 'NO_SOURCE')
  expect(codes.sort()).toEqual(['TEMPLATE_ERROR', 'TEMPLATE_ERROR', 'UNKNOWN_VARIABLE', 'UNKNOWN_VARIABLE', 'UNKNOWN_VARIABLE'])
})
