import { expect, test } from 'vitest'
import { alertCases } from '../operations/alert-cases.ts'
import { alertRules } from '../operations/alert-rules.ts'
import { mitigations, operationsFolder, runbookPath } from '../operations/runbook.ts'
import { rehearsals } from '../rehearse/rehearsals.ts'
import { projectFiles } from '../support/project-files.ts'

const alerts = alertRules().map(({ alert }) => alert)

test('every alert has a runbook, and every runbook an alert', () => {
  const runbooks = projectFiles().filter((file) => file.startsWith(`${operationsFolder}/runbooks/`))
  expect(runbooks).toEqual(alerts.map(runbookPath).sort())
  for (const { alert, annotations } of alertRules()) expect(annotations.runbook).toBe(runbookPath(alert))
})

test('every alert says how urgent it is, what it is and what that means', () => {
  for (const { alert, labels, annotations } of alertRules()) {
    expect(['page', 'ticket'], alert).toContain(labels.severity)
    expect(Object.keys(annotations), alert).toEqual(['summary', 'description', 'runbook'])
  }
})

test('every alert is tested', () => {
  expect([...new Set(alertCases.map(({ alert }) => alert))].sort()).toEqual([...alerts].sort())
})

test('every mitigation of every runbook is rehearsed', () => {
  const cases = alerts.flatMap((alert) => [...mitigations(alert).keys()].map((name) => [alert, name]))
  expect(rehearsals.map(({ alert, mitigation = '' }) => [alert, mitigation]).sort()).toEqual(cases.sort())
})
