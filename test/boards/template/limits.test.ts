import { expect, test } from 'vitest'
import { bound, refusal, text } from './render.ts'

test.each([
  '{% for i in range(10**9) %}x{% endfor %}',
  '{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}',
  "{{ 'x' * 10**9 }}",
  "{{ ('x' * 10**6) ~ ('x' * 10**6) }}",
  "{% set s = 'x' * 100000 %}{% for i in range(9999) %}{% set s2 = s | upper %}{% endfor %}",
  "{% set s = 'x' * 100000 %}{% for i in range(9999) %}{{ s }}{% endfor %}",
  "{% set s = 'x' * 100000 %}{{ s.replace('x', s) }}",
  "{% set s = 'x' * 100000 %}{{ s | replace('', s) | replace('x', s) }}",
  "{% set s = 'x,' * 100000 %}{{ s.split(',') | length }}",
  "{{ range(9999) | map('string') | join('x' * 100000) }}",
  "{{ '{:>999}'.format('a') * 10**4 }}",
  "{{ '%999s' * 10**4 % range(9999) }}",
  '{{ [1] + range(9999) + range(9999) }}',
  "{% set s = 'x' * 900000 %}{% for i in range(9999) %}{% if 'y' in s %}{% endif %}{% endfor %}",
  "{% set s = 'x' * 900000 %}{% for i in range(9999) %}{% if s | length > 1 and s == s %}{% endif %}{% endfor %}",
  '{% set l = range(9999) %}{% for i in range(9999) %}{% if l | sort | unique | last == i %}{% endif %}{% endfor %}',
  `{% set l = [1, 1] %}${'{% set l = [l, l] %}'.repeat(60)}{% if l == l %}{{ l }}{% endif %}`,
  `{% set l = [1, 1] %}${'{% set l = [none, none] | map("default", l) %}'.repeat(60)}{{ l | tojson }}`,
  `{% set l = {'a': 1} %}${"{% set l = {'a': l, 'b': l} %}".repeat(60)}{{ l | tojson }}`,
  "{% set s = 'x' * 100000 %}{{ [s, s, s, s, s, s, s, s, s, s, s, s, s] }}",
  "{% set s = ' ' * 900000 ~ 'x y' %}{{ s | truncate(899999) }}{{ s.strip('y') | title | trim | upper }}{{ s ~ s }}",
  "{{ '%' ~ '0' * 900000 ~ '%' ~ '0' * 900000 }}{{ ('%' ~ '0' * 900000) % 1 }}",
  '{{ 1e400 }}',
  `{{ ${'('.repeat(2000)}1${')'.repeat(2000)} }}`,
  `{{ ${'['.repeat(2000)}1${']'.repeat(2000)} }}`,
  `{{ ${'not '.repeat(20000)}1 }}`,
  `{{ ${'-'.repeat(20000)}1 }}`,
  `{{ ${'1 if 1 else '.repeat(2000)}1 }}`,
  `${'{% if 1 %}'.repeat(2000)}${'{% endif %}'.repeat(2000)}`,
  `{% if 0 %}${'{% elif 0 %}'.repeat(2000)}{% endif %}`,
  '{{'.repeat(2000),
  '{'.repeat(20000),
  `{{ ${'{'.repeat(2000)} }}`,
  'x'.repeat(100_001).replace('x', '{{ 1 }}'),
])('%.60s is refused, soon', (template) => {
  expect(refusal(() => text(template)).code).toBe('TEMPLATE_ERROR')
  expect(['TEMPLATE_ERROR', 'TEMPLATE_POSITION']).toContain(refusal(() => bound(template)).code)
})

test('the limits are told', () => {
  expect(refusal(() => text("{{ 'x' * 10**9 }}"))).toEqual({
    code: 'TEMPLATE_ERROR',
    at: '1:4',
    says: 'The template makes a text of more than 1000000 characters, or too many texts.',
  })
  expect(refusal(() => text('a\n{% for i in range(10**9) %}{% endfor %}'))).toMatchObject({ at: '2:13' })
  expect(refusal(() => bound('SELECT a IN ({{ l }})', { l: Array.from({ length: 1001 }, (_, n) => n) }))).toMatchObject({
    says: 'A query has at most 1000 values.',
  })
})

test('long templates take time in proportion to their length', () => {
  const parts = Math.floor(100_000 / 10)
  expect(text('a{{ 1 }}b '.repeat(parts))).toHaveLength(4 * parts)
  expect(bound(`SELECT 0 WHERE a IN (0${', {{ "a" }}'.repeat(999)})`)).toHaveLength(1000)
  expect(bound(`SELECT 0${' + (a."b" - 1)'.repeat(7000)}`)).toHaveLength(1)
  expect(bound(`SELECT 0${'{% if 1 %}+ 1{% endif %}'.repeat(4000)}`)).toHaveLength(1)
})

test('a list of a thousand loops through', () => {
  expect(text('{% for i in range(1000) %}{{ i }}{% endfor %}')).toHaveLength(2890)
})
