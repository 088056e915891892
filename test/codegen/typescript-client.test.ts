import { expect, test } from 'vitest'
import * as z from 'zod'
import { clientDeclarations, clientModule, toolsDeclarations, toolsModule } from '../../codegen/emitters/typescript-client.ts'
import { compileModel } from '../../codegen/model.ts'
import { javascriptLiteral } from '../../codegen/typescript-types.ts'
import type { Contract } from '../../contracts/define-contract.ts'

const contract = (given: Partial<Contract> = {}): Contract => ({
  name: 'feed_birds',
  version: '1.0.0',
  title: 'Feed birds',
  description: 'Feeds the birds of a pond.',
  input: z.strictObject({ pond: z.string().describe('Name of the pond.') }),
  output: z.object({ birds: z.int() }),
  errors: [],
  annotations: { readOnly: false, destructive: false, idempotent: false, openWorld: false },
  examples: [],
  ...given,
})

const toolsOf = (given: Partial<Contract>) => compileModel([contract(given)]).tools

test('a tool that must not happen twice is not repeated by the client', () => {
  expect(toolsModule(toolsOf({})).join('\n')).toContain(
    "feedBirds = (transport, input, options) => once(transport, 'feed_birds', input, options)",
  )
  expect(clientModule(toolsOf({})).join('\n')).toContain('const repeatable = (tool) => [].includes(tool)')
})

test('the class has what any version of a tool is called by, once, and the constructor a signature for each version', () => {
  const [newest, paged] = [
    toolsOf({ version: '2.0.0' }),
    toolsOf({
      input: z.strictObject({ cursor: z.string().optional().describe('Where to go on.') }),
      output: z.object({ next_cursor: z.string().optional() }),
    }),
  ]
  const methods = clientModule(newest, paged).filter((line) => /^ {2}feed\w+\(/.test(line))
  expect(methods).toEqual(['  feedBirds(input, options) {', '  feedBirdsPages(input, options) {'])
  expect(toolsModule([...newest, ...paged]).filter((line) => line.startsWith('export const'))).toHaveLength(2)
  const declared = clientDeclarations(newest, 2, [1]).join('\n')
  expect(declared).toContain('new (options: DatafaceOptions & { version: 1 }): DatafaceV1')
  expect(declared).not.toContain('feedBirdsPages')
})

test('a deprecated tool says so where it is called, with what to call instead and until when', () => {
  const [tool] = toolsOf({})
  const deprecated = {
    ...(tool as NonNullable<typeof tool>),
    deprecated: { since: '2026-11-21', sunset: '2027-12-31', replacement: 'count_birds' } as const,
  }
  for (const lines of [toolsDeclarations([deprecated]), clientDeclarations([deprecated])])
    expect(lines.join('\n')).toContain('* @deprecated Use count_birds. Served until 2027-12-31.')
})

test.each([
  ['delete', 'delete_'],
  ['call', 'call_'],
  ['transport', 'transport_'],
  ['feed_the_birds', 'feedTheBirds'],
])('a tool named %s is called as %s', (name, called) => {
  expect(toolsDeclarations(toolsOf({ name })).join('\n')).toContain(`export declare const ${called}: (`)
})

test('a text that would end a comment does not', () => {
  const text = clientDeclarations(toolsOf({ description: 'Feeds */ birds.' })).join('\n')
  expect(text).toContain('Feeds * / birds.')
})

test('a literal is read back as the value it was made of', () => {
  for (const value of [{ a: ["it's", 'say "b"', '\\n\n\u2028'], 'b-c': { d: null, e: [true, 1.5] }, f: {} }, [], '', "'", `'"`])
    expect(new Function(`return (${javascriptLiteral(value)})`)()).toEqual(value)
})
