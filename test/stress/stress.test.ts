/** One program for a moment: that programs run, and what must hold whatever the machine. The others are run by hand. */
import { expect, inject, test } from 'vitest'
import { twoTeamsProgram } from './programs/two-teams.ts'

test(twoTeamsProgram.name, async () => {
  const report = await twoTeamsProgram.run({ cluster: inject('postgres'), seconds: 2, mark: 'stress_two_teams' })
  expect(report.faults).toEqual([])
  expect(report.tally.calls).toBeGreaterThan(10)
}, 300_000)
