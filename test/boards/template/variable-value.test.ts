import { describe, expect, test } from 'vitest'
import { type Variable, variableSchema } from '../../../contracts/v1/board/variables.ts'
import { inferInput } from '../../../server/boards/template/infer-input.ts'
import { readRelativeDay, readRelativeRange } from '../../../server/boards/template/relative-days.ts'
import { Refusal } from '../../../server/boards/template/template-fault.ts'
import { defaultValue, readVariableValue } from '../../../server/boards/template/variable-value.ts'

/** A Friday. */
const today = '2026-05-15'

const read = (definition: Variable, raw: unknown) => readVariableValue('v', variableSchema.parse(definition), raw, today)

test.each<[Variable, string]>([
  [{}, 'text'],
  [{ input: 'auto' }, 'text'],
  [{ input: 'input' }, 'text'],
  [{ input: 'datepicker' }, 'date'],
  [{ input: 'textarea', default: 3 }, 'textarea'],
  [{ options: ['a', 'b'] }, 'select'],
  [{ options: { static: [1, 2] }, default: 1 }, 'select'],
  [{ options: ['a'], default: ['a'] }, 'multiselect'],
  [{ column: 'orders.region' }, 'select'],
  [{ column: 'orders.revenue', min: 0, max: 100, default: 10 }, 'slider'],
  [{ column: 'orders.region', data_type: 'array' }, 'multiselect'],
  [{ query: 'regions', operator: 'in' }, 'multiselect'],
  [{ default: ['a', 'b', 'c'] }, 'multiselect'],
  [{ default: ['2026-01-01', '2026-01-31'] }, 'daterange'],
  [{ default: ['30 days ago', 'today'] }, 'daterange'],
  [{ default: 'last 30 days' }, 'daterange'],
  [{ default: '2026-01-01' }, 'date'],
  [{ default: 'yesterday' }, 'date'],
  [{ data_type: 'date' }, 'date'],
  [{ min: '2026-01-01', max: 'today' }, 'date'],
  [{ default: true }, 'checkbox'],
  [{ data_type: 'boolean' }, 'checkbox'],
  [{ default: 3 }, 'number'],
  [{ data_type: 'number' }, 'number'],
  [{ min: 0, max: 10 }, 'slider'],
  [{ default: 3, min: 0 }, 'number'],
  [{ default: 'North' }, 'text'],
  [{ data_type: 'string', default: '2026-01-01' }, 'text'],
])('the control of %j is %s', (definition, input) => {
  expect(inferInput(variableSchema.parse(definition))).toBe(input)
})

test.each<[Variable, unknown, unknown]>([
  [{}, undefined, null],
  [{}, null, null],
  [{}, '', null],
  [{}, 'North', 'North'],
  [{}, 5, '5'],
  [{}, ['North'], 'North'],
  [{ input: 'number' }, '42', 42],
  [{ input: 'number' }, ' -1.5e2 ', -150],
  [{ input: 'slider', min: 0, max: 10 }, 10, 10],
  [{ input: 'range' }, ['1', '5'], [1, 5]],
  [{ input: 'range' }, '[1, null]', [1, null]],
  [{ input: 'range' }, '7', [7, 7]],
  [{ input: 'range' }, '3..5', [3, 5]],
  [{ input: 'range' }, '3..', [3, null]],
  [{ input: 'range', default: 2 }, '7', 7],
  [{ input: 'date' }, '2026-02-28', '2026-02-28'],
  [{ input: 'date' }, new Date('2026-02-28T00:00:00Z'), '2026-02-28'],
  [{ input: 'date' }, 'yesterday', '2026-05-14'],
  [{ input: 'daterange' }, ['2026-01-01', '2026-01-31'], ['2026-01-01', '2026-01-31']],
  [{ input: 'daterange' }, '2026-01-01..2026-01-31', ['2026-01-01', '2026-01-31']],
  [{ input: 'daterange' }, '2026-01-01,', ['2026-01-01', null]],
  [{ input: 'daterange' }, ['', '2026-01-31'], [null, '2026-01-31']],
  [{ input: 'daterange' }, [null, null], null],
  [{ input: 'daterange' }, 'last month', ['2026-04-01', '2026-04-30']],
  [{ input: 'daterange' }, ['last 7 days'], ['2026-05-09', '2026-05-15']],
  [{ input: 'daterange' }, ['start of year', 'today'], ['2026-01-01', '2026-05-15']],
  [{ input: 'daterange' }, 'today', ['2026-05-15', '2026-05-15']],
  [{ input: 'checkbox' }, 'true', true],
  [{ input: 'checkbox' }, false, false],
  [{ input: 'checkbox' }, '0', false],
  [{ options: ['a', 'b'] }, 'b', 'b'],
  [{ options: [1, 2] }, '2', 2],
  [{ options: { static: ['1', '2'] } }, 2, '2'],
  [{ options: { query: 'regions' } }, 'anything', 'anything'],
  [{ options: { query: 'years' }, default: 2026 }, '2025', 2025],
  [{ input: 'multiselect' }, 'a', ['a']],
  [{ input: 'multiselect' }, ['a', 'b'], ['a', 'b']],
  [{ input: 'multiselect' }, '["a,b","c"]', ['a,b', 'c']],
  [{ input: 'multiselect' }, '', []],
  [{ input: 'multiselect' }, [], []],
  [{ input: 'multiselect', options: [1, 2, 3] }, ['1', 3], [1, 3]],
  [{ input: 'text', data_type: 'number' }, '5', 5],
])('%j makes of %j the value %j', (definition, raw, value) => {
  expect(read(definition, raw)).toEqual(value)
})

test.each<[Variable, unknown, string]>([
  [{ input: 'number' }, '12; DROP', 'v takes a number, and "12; DROP" is none.'],
  [{ input: 'number' }, '0x10', 'v takes a number, and "0x10" is none.'],
  [{ input: 'number' }, Number.NaN, 'v takes a number, and null is none.'],
  [{ input: 'number' }, '1e309', 'v takes a number, and "1e309" is none.'],
  [{ input: 'number' }, '9007199254740993', 'v takes whole numbers up to 9007199254740991.'],
  [{ input: 'slider', min: 0, max: 10 }, 11, 'v is at most 10, and 11 is more.'],
  [{ input: 'slider', min: 0, max: 10 }, '-1', 'v is at least 0, and -1 is less.'],
  [{ input: 'range' }, [5, 1], 'v ends at 1, before it begins at 5.'],
  [{ input: 'date' }, '2026-02-30', 'v takes a day such as 2026-01-31, and "2026-02-30" is none.'],
  [{ input: 'date' }, '2026-13-45', 'v takes a day such as 2026-01-31, and "2026-13-45" is none.'],
  [{ input: 'date' }, '26-1-1', 'v takes a day such as 2026-01-31, and "26-1-1" is none.'],
  [{ input: 'date' }, "2026-01-01' OR '1'='1", `v takes a day such as 2026-01-31, and "2026-01-01' OR '1'='1" is none.`],
  [{ input: 'date' }, 'last 30 days', 'v takes one day, and "last 30 days" are several: use input: daterange.'],
  [{ input: 'date', min: '2026-01-01' }, '2025-12-31', 'v is at the earliest 2026-01-01, and 2025-12-31 is before.'],
  [{ input: 'date', max: 'today' }, 'tomorrow', 'v is at the latest 2026-05-15, and 2026-05-16 is after.'],
  [{ input: 'daterange' }, ['2026-02-01', '2026-01-01'], 'v ends at 2026-01-01, before it begins at 2026-02-01.'],
  [{ input: 'daterange' }, ['2026-01-01', '2026-01-02', '2026-01-03'], 'v takes a list of two, the first and the last.'],
  [{ input: 'checkbox' }, 'maybe', 'v takes true or false, and "maybe" is neither.'],
  [{ options: ['a', 'b'] }, 'c', 'v is one of a, b, and "c" is none of them.'],
  [{ options: ['a', 'b'] }, ["a' OR '1'='1", 'b'], 'v takes one value, and a list was given.'],
  [{ input: 'radio', options: [1, 2] }, { a: 1 }, 'v is one of 1, 2, and a structure is none of them.'],
  [{ input: 'multiselect', options: ['a'] }, ['a', 'b'], 'v is one of a, and "b" is none of them.'],
  [{}, { toString: 'x' }, 'v takes a text, and a structure was given.'],
  [{}, 'a\u0000b', 'v has a character that no text of a database holds.'],
  [{}, 'x'.repeat(10_001), 'v has at most 10000 characters.'],
  [{ input: 'multiselect' }, Array.from({ length: 1001 }, () => 'a'), 'v takes at most 1000 values.'],
])('%j refuses %j', (definition, raw, says) => {
  try {
    read(definition, raw)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    expect([error.code, error.message]).toEqual(['BAD_VARIABLE_VALUE', says])
    return
  }
  throw new Error('expected a refusal')
})

test('a default is read like any other value', () => {
  const byDefault = (definition: Variable) => defaultValue('v', variableSchema.parse(definition), today)
  expect(byDefault({})).toBeNull()
  expect(byDefault({ default: 'last 30 days' })).toEqual(['2026-04-16', '2026-05-15'])
  expect(byDefault({ input: 'daterange', default: ['2026-01-01', 'today'] })).toEqual(['2026-01-01', '2026-05-15'])
  expect(() => byDefault({ options: ['a'], default: 'b' })).toThrow('v is one of a')
})

describe('relative days', () => {
  test.each([
    ['today', '2026-05-15'],
    ['Yesterday', '2026-05-14'],
    ['tomorrow', '2026-05-16'],
    ['7 days ago', '2026-05-08'],
    ['a week ago', '2026-05-08'],
    ['3 weeks ago', '2026-04-24'],
    ['1 month ago', '2026-04-15'],
    ['2 quarters ago', '2025-11-15'],
    ['5_years_ago', '2021-05-15'],
    ['in 2 days', '2026-05-17'],
    ['2 days from now', '2026-05-17'],
    ['start of week', '2026-05-11'],
    ['start of month', '2026-05-01'],
    ['end of month', '2026-05-31'],
    ['start of the quarter', '2026-04-01'],
    ['start of last year', '2025-01-01'],
    ['end of last month', '2026-04-30'],
  ])('%s is %s', (words, day) => {
    expect(readRelativeDay(words, today)).toBe(day)
  })

  test.each([
    ['last 30 days', '2026-04-16', '2026-05-15'],
    ['last 1 day', '2026-05-15', '2026-05-15'],
    ['past 2 weeks', '2026-05-02', '2026-05-15'],
    ['last 12 months', '2025-05-16', '2026-05-15'],
    ['next 7 days', '2026-05-15', '2026-05-21'],
    ['this week', '2026-05-11', '2026-05-17'],
    ['last week', '2026-05-04', '2026-05-10'],
    ['this month', '2026-05-01', '2026-05-31'],
    ['last month', '2026-04-01', '2026-04-30'],
    ['this quarter', '2026-04-01', '2026-06-30'],
    ['last quarter', '2026-01-01', '2026-03-31'],
    ['this year', '2026-01-01', '2026-12-31'],
    ['previous year', '2025-01-01', '2025-12-31'],
    ['week to date', '2026-05-11', '2026-05-15'],
    ['month to date', '2026-05-01', '2026-05-15'],
    ['quarter to date', '2026-04-01', '2026-05-15'],
    ['year to date', '2026-01-01', '2026-05-15'],
    ['YTD', '2026-01-01', '2026-05-15'],
  ])('%s is %s to %s', (words, from, to) => {
    expect(readRelativeRange(words, today)).toEqual({ from, to })
  })

  test('months end where they end', () => {
    expect(readRelativeDay('1 month ago', '2026-03-31')).toBe('2026-02-28')
    expect(readRelativeDay('a year ago', '2028-02-29')).toBe('2027-02-28')
    expect(readRelativeRange('last month', '2026-01-31')).toEqual({ from: '2025-12-01', to: '2025-12-31' })
    expect(readRelativeRange('last quarter', '2026-01-01')).toEqual({ from: '2025-10-01', to: '2025-12-31' })
    expect(readRelativeRange('this week', '2026-05-17')).toEqual({ from: '2026-05-11', to: '2026-05-17' })
  })

  test.each(['North', 'last', 'last month or so', '30 days', 'last 30 apples', 'todays', '2026-01-01', ''])('%j is none', (words) => {
    expect([readRelativeDay(words, today), readRelativeRange(words, today)]).toEqual([undefined, undefined])
  })
})
