import { describe, expect, test } from 'vitest'
import { evaluateCondition } from '../../../server/boards/template/evaluate-condition.ts'
import { refusal, text, type Values } from './render.ts'

describe('texts of real boards', () => {
  test.each<[string, Values, string]>([
    ['Revenue by Region{% if category %} - {{ category }}{% endif %}', { category: null }, 'Revenue by Region'],
    ['Revenue by Region{% if category %} - {{ category }}{% endif %}', { category: 'Toys' }, 'Revenue by Region - Toys'],
    ['at least {% if min is defined %}{{ min }}{% else %}0{% endif %}', { min: null }, 'at least 0'],
    ["{{ '{:.0%}'.format(percent) }} {{ category }}", { percent: 0.256, category: 'Toys' }, '26% Toys'],
    ["{{ revenue | format(',.0f') }}", { revenue: 1234567.8 }, '1,234,568'],
    ['?selected={{ x | urlencode }}', { x: 'a&b c' }, '?selected=a%26b%20c'],
    ['reference it with {% raw %}{{ queries.NAME }}{% endraw %}.', {}, 'reference it with {{ queries.NAME }}.'],
    ['```sql\nSELECT * FROM {{ queries.orders }}\n```', {}, '```sql\nSELECT * FROM {{ queries.orders }}\n```'],
    ['a {# {{ nothing }} #}b', {}, 'a b'],
    ['  {%- if true -%}  x  {%- endif -%}  ', {}, 'x'],
    ["{{ regions | join(', ') }} or {{ regions }}", { regions: ['North', 'South'] }, 'North, South or North, South'],
    ['{% for r in regions if r != "b" %}{{ loop.index }}{{ r }}{% else %}none{% endfor %}', { regions: ['a', 'b', 'c'] }, '1a2c'],
    ['{% for r in regions %}{{ r }}{% else %}none{% endfor %}', { regions: [] }, 'none'],
    ['{% set n = 2 %}{% if n > 3 %}a{% elif n > 1 %}b{% else %}c{% endif %}', {}, 'b'],
    ['{% set block %}{{ 1 + 1 }}{% endset %}{{ block }}', {}, '2'],
    ['{{ day.split("-")[0] }} {{ name[:3] }} {{ name[-1] }}', { day: '2026-01-31', name: 'region' }, '2026 reg n'],
  ])('%s', (template, values, shown) => {
    expect(text(template, values)).toBe(shown)
  })
})

describe('formats', () => {
  test.each<[string, string]>([
    ["{{ '{:,.2f}'.format(1234.5) }}", '1,234.50'],
    ["{{ '{:,}'.format(1234567) }}", '1,234,567'],
    ["{{ '{:_d}'.format(1234567) }}", '1_234_567'],
    ["{{ '{:>6}|{:<4}|{:^5}|{:*^5}'.format('ab', 'c', 'd', 'e') }}", '    ab|c   |  d  |**e**'],
    ["{{ '{0} {1} {0} {name} {{}}'.format('a', 'b', name='c') }}", 'a b a c {}'],
    ["{{ '{:+.1f} {:.1E} {:05d}'.format(2, 12345, 42) }}", '+2.0 1.2E+4 00042'],
    ["{{ '%s is %.1f%% of %d' % ('a', 12.34, 5.9) }}", 'a is 12.3% of 5'],
    ["{{ '%s-%s' | format('a', 2) }}", 'a-2'],
    ["{{ 0.256 | format('percent_whole') }} {{ '12.50' | format('$,.1f') }}", '26% $12.5'],
    ["{{ none | format(',.0f') }}", ''],
  ])('%s', (template, shown) => {
    expect(text(template)).toBe(shown)
  })

  test.each([
    ["{{ 1 | format('.3q') }}", '1:8', '.3q is no format of numbers. Write one such as ",.2f", ".0%" or "currency_whole".'],
    ["{{ 'a' | format(',.2f') }}", '1:10', 'The format ,.2f takes a number, and a text is there.'],
    ["{{ '{} {}'.format(1) }}", '1:11', 'format() is given no value for {}.'],
    ["{{ '{:>1000000000}'.format('a') }}", '1:20', 'The format >1000000000 is too wide.'],
  ])('%s is refused', (template, at, says) => {
    expect(refusal(() => text(template))).toEqual({ code: 'TEMPLATE_ERROR', at, says })
  })
})

describe('what is refused is named, with its place', () => {
  test.each<[string, { code: string; at: string; says: string }]>([
    ['a\n  {{ regon }}', { code: 'UNKNOWN_VARIABLE', at: '2:6', says: 'There is no variable regon. Did you mean region?' }],
    ['{{ region | uper }}', { code: 'TEMPLATE_ERROR', at: '1:13', says: 'There is no filter uper. Did you mean upper?' }],
    ['{{ rnage(3) }}', { code: 'TEMPLATE_ERROR', at: '1:4', says: 'There is no function rnage. Did you mean range?' }],
    ['{{ region is definde }}', { code: 'TEMPLATE_ERROR', at: '1:14', says: 'There is no test definde. Did you mean defined?' }],
    ['{{ region.uper() }}', { code: 'TEMPLATE_ERROR', at: '1:10', says: 'There is no function uper of a text. Did you mean upper?' }],
    ['{{ region', { code: 'TEMPLATE_ERROR', at: '1:1', says: '{{ has no end.' }],
    ['{% if region %}x', { code: 'TEMPLATE_ERROR', at: '1:4', says: '{% if %} has no {% endif %}.' }],
    ['x{% endif %}', { code: 'TEMPLATE_ERROR', at: '1:5', says: '{% endif %} ends no block.' }],
    ['{% fi region %}', { code: 'TEMPLATE_ERROR', at: '1:4', says: 'There is no statement fi. Did you mean if?' }],
    ['{{ region + }}', { code: 'TEMPLATE_ERROR', at: '1:13', says: 'A value is expected, and the end is there.' }],
    ['{{ region ! }}', { code: 'TEMPLATE_ERROR', at: '1:11', says: '"!" has no meaning here.' }],
    [
      '{% macro m() %}{% endmacro %}',
      { code: 'TEMPLATE_ERROR', at: '1:4', says: 'Templates of boards have no {% macro %}; they have if, for and set.' },
    ],
    ["{{ 'abc' | int }}", { code: 'BAD_VARIABLE_VALUE', at: '1:12', says: 'int takes a number, and "abc" is none.' }],
    ["{{ 'a' - 1 }}", { code: 'TEMPLATE_ERROR', at: '1:4', says: '- takes a number, and a text is there.' }],
    ['{{ 1 / 0 }}', { code: 'TEMPLATE_ERROR', at: '1:4', says: '/ has no result that is a number.' }],
  ])('%s', (template, expected) => {
    expect(refusal(() => text(template, { region: 'North' }))).toEqual(expected)
  })

  test('a default makes a number of what is none, and of what is missing', () => {
    expect(text("{{ 'abc' | int(7) }} {{ missing | default('d') }} {{ unset | d(1) }}", { unset: null })).toBe('7 d 1')
  })
})

test.each([
  "''.constructor",
  "''.constructor.constructor('return process')()",
  '[].__proto__',
  '{}.constructor',
  "{}['__proto__']['polluted']",
  "region['constructor']",
  'range.constructor',
  "'a'.__class__",
  "'a'.toString()",
  "'a'.replace.call('b')",
  'loop.__proto__',
  'self',
  '__proto__',
  'constructor',
  'toString()',
  "({}).get('__proto__').x",
  "'{0.constructor}'.format(region)",
  "'{0.__proto__}'.format({})",
  'region | map("constructor") | list',
  'region | constructor',
  'region is constructor',
])('%s reaches nothing of JavaScript', (expression) => {
  const render = () => text(`{{ ${expression} }}`, { region: 'North' })
  try {
    expect(render()).toMatch(/^$/)
  } catch (error) {
    expect(['UNKNOWN_VARIABLE', 'TEMPLATE_ERROR', 'TEMPLATE_POSITION']).toContain((error as { code?: string }).code)
  }
})

test.each<[string, Values, boolean]>([
  ['region', { region: 'North' }, true],
  ['region', { region: null }, false],
  ['{{ region }}', { region: '' }, false],
  ["region == 'North' and n > 3", { region: 'North', n: 4 }, true],
  ['{{ region is defined }}', { region: null }, false],
  ['{% if region %}true{% else %}false{% endif %}', { region: null }, false],
  ['not regions', { regions: [] }, true],
])('the condition %s of %j is %s', (condition, values, expected) => {
  expect(evaluateCondition(condition, new Map(Object.entries(values)))).toBe(expected)
})
