import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { alertsFile, type RuleFile, readRules } from '../operations/alert-rules.ts'
import { root } from '../support/project-files.ts'
import { scaleRules } from './scale-rules.ts'

test('scaled rules differ from those that are shipped in their times alone', () => {
  const scaled = parse(scaleRules(readFileSync(resolve(root, alertsFile), 'utf8'), 100)) as RuleFile
  const timeless = ({ groups }: RuleFile): unknown =>
    JSON.parse(JSON.stringify(groups).replaceAll(/(\[|offset |"for":")\d+(ms|[smhd])\b/g, '$1'))
  expect(timeless(scaled)).toEqual(timeless(readRules()))
  const rule = scaled.groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === 'DatafaceAuditFailing')
  expect(rule?.expr).toContain('dataface_audit_failures_total[3000ms]')
  expect(rule?.expr).toContain('offset 3000ms')
  expect(scaled.groups.flatMap(({ rules }) => rules).find(({ alert }) => alert === 'DatafaceSourceDown')?.for).toBe('1200ms')
})
