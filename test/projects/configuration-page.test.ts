import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { projectSchema } from '../../contracts/v1/project.ts'
import { readProjectText } from '../../server/projects/read-project.ts'
import { root } from '../support/project-files.ts'

const page = readFileSync(resolve(root, 'docs/configuration.md'), 'utf8')

/** Names of the keys of a JSON Schema, at every depth. */
const keysIn = (schema: unknown): string[] => {
  if (Array.isArray(schema)) return schema.flatMap(keysIn)
  if (typeof schema !== 'object' || schema === null) return []
  const { properties = {}, ...rest } = schema as { properties?: Record<string, unknown> }
  return [...Object.keys(properties), ...keysIn(Object.values(properties)), ...keysIn(Object.values(rest))]
}

test('the page of configuration has every key of the project file', () => {
  const keys = [...new Set(keysIn(z.toJSONSchema(projectSchema, { io: 'input' })))]
  expect(keys.length).toBeGreaterThan(40)
  const code = [...page.matchAll(/```yaml\n(.*?)```|`([^`\n]+)`/gs)].map(([, block, word]) => block ?? word).join('\n')
  expect(keys.filter((key) => !new RegExp(`(?<![\\w-])${key.replace('$', '\\$')}(?![\\w-])`).test(code))).toEqual([])
})

test('the project on the page is a project', () => {
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? []
  const { diagnostics } = readProjectText(yaml, root, { SHOP_URL: 'postgres://reader@db.example/shop' })
  expect(diagnostics).toEqual([])
})
