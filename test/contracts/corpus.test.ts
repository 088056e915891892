import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { strictSchema } from '../../codegen/emitters/openai.ts'
import { compileModel } from '../../codegen/model.ts'
import { contracts } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'
import { createInputCheck } from '../../server/dispatch/validate-input.ts'
import { errorItem, type Fault, Faults } from '../../server/envelope/fault.ts'
import { root } from '../support/project-files.ts'

interface Case {
  readonly title: string
  readonly input: Record<string, unknown>
  readonly expect?: { readonly code: string; readonly path: string }
}

const read = (tool: string, kind: string): Case[] => {
  const folder = resolve(root, 'test/corpus/v1', tool)
  return readdirSync(folder)
    .filter((file) => file.startsWith(`${kind}-`))
    .map((file) => JSON.parse(readFileSync(resolve(folder, file), 'utf8')) as Case)
}

const model = compileModel(contracts)
const ajv = new Ajv2020({ strict: false })

describe.each(contracts.map((contract) => [contract.name, contract] as const))('the corpus of %s', (name, contract) => {
  const check = createInputCheck(contract as unknown as Contract)
  const tool = model.tools.find((one) => one.name === name)
  if (tool === undefined) throw new Error(`no model of ${name}`)
  const plain = ajv.compile(tool.input)
  const strict = ajv.compile(strictSchema(tool.input))
  const withoutNulls = (input: Record<string, unknown>) => Object.fromEntries(Object.entries(input).filter(([, value]) => value !== null))
  /** As a strict client sends it: every key there, null where nothing is meant. */
  const withNulls = (input: Record<string, unknown>) => ({
    ...Object.fromEntries(Object.keys(tool.input.properties ?? {}).map((key) => [key, null])),
    ...input,
  })

  test.each(read(name, 'accept'))('accepts $title, by every schema', ({ input }) => {
    expect(() => check(input)).not.toThrow()
    expect(plain(withoutNulls(input)), JSON.stringify(plain.errors)).toBe(true)
    expect(strict(withNulls(input)), JSON.stringify(strict.errors)).toBe(true)
  })

  test.each(read(name, 'reject'))('refuses $title, by every schema, and names the place', ({ input, expect: expected }) => {
    let items: ReturnType<typeof errorItem>[] = []
    try {
      check(input)
    } catch (error) {
      items = error instanceof Faults ? error.list.map(errorItem) : [errorItem(error as Fault)]
    }
    expect(items.map(({ code, path }) => ({ code, path }))).toContainEqual(expected)
    expect(plain(input)).toBe(false)
  })
})
