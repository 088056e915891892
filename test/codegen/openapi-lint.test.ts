/** The OpenAPI document as its readers' own linters judge it. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectral from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { expect, test } from 'vitest'
import { root } from '../support/project-files.ts'

const text = readFileSync(resolve(root, 'clients/openapi/openapi.json'), 'utf8')
/** A document that both must find fault with. */
const broken = text.replace('"operationId": "list_sources"', '"operationId": "list_tables"')

const redocly = async (source: string): Promise<string[]> => {
  const config = await createConfig({ extends: ['recommended-strict'] })
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config })
  return problems.map(({ ruleId, message, location }) => `${ruleId} at ${location[0]?.pointer}: ${message}`)
}

const bySpectral = async (source: string): Promise<string[]> => {
  const linter = new spectral.Spectral()
  linter.setRuleset(new spectral.Ruleset({ extends: rulesets.oas }, { severity: 'recommended' }))
  const results = await linter.run(JSON.parse(source))
  return results.map(({ code, message, path }) => `${code} at ${path.join('.')}: ${message}`)
}

test.each([
  ['Redocly', redocly],
  ['Spectral', bySpectral],
])('%s has nothing to say of it, and would say of an operation that is there twice', { timeout: 120_000 }, async (_name, lint) => {
  expect(await lint(text)).toEqual([])
  expect((await lint(broken)).join('\n')).toMatch(/operation-?id/i)
})
