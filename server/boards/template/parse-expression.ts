import type { Arguments, BinaryOperator, CompareOperator, Expression } from './syntax.ts'
import type { TokenCursor } from './token-cursor.ts'

/** Reads one expression with the precedence of Jinja: `or`, `and`, `not`, comparisons, `+ -`, `~`, `* / // %`, signs, `**`. */
export const parseExpression = (cursor: TokenCursor): Expression => cursor.nested(() => parseChoice(cursor))

const parseChoice = (cursor: TokenCursor): Expression => {
  const { at } = cursor
  let value = parseOr(cursor)
  while (cursor.takes('if')) {
    cursor.link()
    const test = parseOr(cursor)
    const otherwise = cursor.takes('else') ? parseExpression(cursor) : undefined
    value = { kind: 'choice', at, test, value, otherwise }
  }
  return value
}

/** Reads one expression that `if` ends, as before the test of a loop. */
export const parseOr = (cursor: TokenCursor): Expression => {
  const { at } = cursor
  let left = parseAnd(cursor)
  while (cursor.takes('or')) {
    cursor.link()
    left = { kind: 'logic', at, operator: 'or', left, right: parseAnd(cursor) }
  }
  return left
}

const parseAnd = (cursor: TokenCursor): Expression => {
  const { at } = cursor
  let left = parseNot(cursor)
  while (cursor.takes('and')) {
    cursor.link()
    left = { kind: 'logic', at, operator: 'and', left, right: parseNot(cursor) }
  }
  return left
}

const parseNot = (cursor: TokenCursor): Expression => {
  const { at } = cursor
  if (!cursor.takes('not')) return parseComparison(cursor)
  return { kind: 'not', at, operand: cursor.nested(() => parseNot(cursor)) }
}

const comparisons = ['==', '!=', '<=', '>=', '<', '>', 'in'] as const

const parseComparison = (cursor: TokenCursor): Expression => {
  const { at } = cursor
  const first = parseSum(cursor)
  const rest: { operator: CompareOperator; right: Expression }[] = []
  for (;;) {
    const operator = cursor.takes('not', 'in') ? 'not in' : cursor.takeOne(comparisons)
    if (operator === undefined) return rest.length === 0 ? first : { kind: 'compare', at, first, rest }
    rest.push({ operator, right: parseSum(cursor) })
  }
}

/** A level of binary operators that are taken from left to right. */
const level =
  (operators: readonly BinaryOperator[], operand: (cursor: TokenCursor) => Expression) =>
  (cursor: TokenCursor): Expression => {
    const { at } = cursor
    let left = operand(cursor)
    for (;;) {
      const operator = cursor.takeOne(operators)
      if (operator === undefined) return left
      cursor.link()
      left = { kind: 'binary', at, operator, left, right: operand(cursor) }
    }
  }

const parseUnary = (cursor: TokenCursor): Expression => parseFilters(cursor, parseSign(cursor))

const parseSign = (cursor: TokenCursor): Expression => {
  const { at } = cursor
  const operator = cursor.takeOne(['-', '+'])
  if (operator === undefined) return parsePostfix(cursor)
  return { kind: 'sign', at, operator, operand: cursor.nested(() => parseSign(cursor)) }
}

const parsePower = level(['**'], parseUnary)
const parseProduct = level(['*', '//', '/', '%'], parsePower)
const parseConcatenation = level(['~'], parseProduct)
const parseSum = level(['+', '-'], parseConcatenation)

const parsePostfix = (cursor: TokenCursor): Expression => {
  let value = parsePrimary(cursor)
  for (;;) {
    const { at } = cursor
    if (cursor.takes('.')) {
      const number = cursor.take('number')
      if (number !== undefined) value = { kind: 'index', at, object: value, index: { kind: 'literal', at, value: Number(number.text) } }
      else value = { kind: 'member', at, object: value, name: cursor.expectName('A name').text }
    } else if (cursor.takes('[')) value = cursor.nested(() => parseIndex(cursor, value, at))
    else if (cursor.sees('(')) value = { kind: 'call', at: value.at, callee: value, args: parseArguments(cursor) }
    else return value
    cursor.link()
  }
}

const parseIndex = (cursor: TokenCursor, object: Expression, at: number): Expression => {
  const bound = () => (cursor.sees(':') || cursor.sees(']') ? undefined : parseExpression(cursor))
  const start = bound()
  if (start !== undefined && cursor.takes(']')) return { kind: 'index', at, object, index: start }
  cursor.expect(':')
  const stop = bound()
  const step = cursor.takes(':') ? bound() : undefined
  cursor.expect(']')
  return { kind: 'slice', at, object, start, stop, step }
}

/** Filters and tests bind closer than every binary operator. */
const parseFilters = (cursor: TokenCursor, operand: Expression): Expression => {
  let value = operand
  for (;;) {
    const { at } = value
    if (cursor.takes('|')) {
      const name = parseFilterName(cursor)
      value = { kind: 'filter', at, operand: value, ...name, args: cursor.sees('(') ? parseArguments(cursor) : { list: [], named: [] } }
    } else if (cursor.takes('is')) {
      const isNegated = cursor.takes('not')
      value = { kind: 'test', at, operand: value, isNegated, ...parseFilterName(cursor), args: parseTestArguments(cursor) }
    } else return value
    cursor.link()
  }
}

const parseFilterName = (cursor: TokenCursor): { name: string; nameAt: number } => {
  const nameAt = cursor.at
  return { name: cursor.expectName('A name').text, nameAt }
}

const endsTest = ['else', 'or', 'and', 'is', 'in', 'if', 'not']

/** `is divisibleby 3` and `is divisibleby(3)`. */
const parseTestArguments = (cursor: TokenCursor): readonly Expression[] => {
  if (cursor.sees('(')) return parseArguments(cursor).list
  const { at } = cursor
  const number = cursor.take('number')
  if (number !== undefined) return [{ kind: 'literal', at, value: Number(number.text) }]
  const string = cursor.take('string')
  if (string !== undefined) return [{ kind: 'literal', at, value: string.text }]
  if (cursor.sees('[')) return [parsePrimary(cursor)]
  if (endsTest.some((word) => cursor.sees(word))) return []
  const name = cursor.take('name')
  return name === undefined ? [] : [{ kind: 'name', at, name: name.text }]
}

const parseArguments = (cursor: TokenCursor): Arguments => {
  const list: Expression[] = []
  const named: { name: string; value: Expression }[] = []
  cursor.expect('(')
  while (!cursor.takes(')')) {
    const value = parseExpression(cursor)
    if (value.kind === 'name' && cursor.takes('=')) named.push({ name: value.name, value: parseExpression(cursor) })
    else if (named.length > 0) cursor.fail('An argument with a name is expected after one with a name')
    else list.push(value)
    if (!cursor.sees(')')) cursor.expect(',')
  }
  return { list, named }
}

const constants: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
  ['null', null],
])

const parsePrimary = (cursor: TokenCursor): Expression => {
  const { at } = cursor
  const number = cursor.take('number')
  if (number !== undefined) return { kind: 'literal', at, value: Number(number.text) }
  let string = cursor.take('string')
  if (string !== undefined) {
    let value = ''
    for (; string !== undefined; string = cursor.take('string')) value += string.text
    return { kind: 'literal', at, value }
  }
  const name = cursor.take('name')
  if (name !== undefined) {
    const constant = constants.get(name.text)
    return constant === undefined ? { kind: 'name', at, name: name.text } : { kind: 'literal', at, value: constant }
  }
  if (cursor.takes('(')) return parseGroup(cursor, at)
  if (cursor.takes('[')) return { kind: 'list', at, items: parseItems(cursor, ']') }
  if (cursor.takes('{')) return parseMap(cursor, at)
  return cursor.fail('A value is expected')
}

/** A value in parentheses, or a tuple, which is a list. */
const parseGroup = (cursor: TokenCursor, at: number): Expression => {
  if (cursor.takes(')')) return { kind: 'list', at, items: [] }
  const first = parseExpression(cursor)
  if (cursor.takes(')')) return first
  cursor.expect(',')
  return { kind: 'list', at, items: [first, ...parseItems(cursor, ')')] }
}

const parseItems = (cursor: TokenCursor, closer: string): Expression[] => {
  const items: Expression[] = []
  while (!cursor.takes(closer)) {
    items.push(parseExpression(cursor))
    if (!cursor.sees(closer)) cursor.expect(',')
  }
  return items
}

const parseMap = (cursor: TokenCursor, at: number): Expression => {
  const entries: { key: Expression; value: Expression }[] = []
  while (!cursor.takes('}')) {
    const key = parseExpression(cursor)
    cursor.expect(':')
    entries.push({ key, value: parseExpression(cursor) })
    if (!cursor.sees('}')) cursor.expect(',')
  }
  return { kind: 'map', at, entries }
}
