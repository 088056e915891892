/** One rehearsal, as `npm run rehearse -- --fast` does all of them. */
import { expect, test } from 'vitest'
import { type Rehearsal, rehearse } from './rehearsal.ts'
import { rehearsals } from './rehearsals.ts'
import { fastFactor } from './scale-rules.ts'

test('a database that is killed is told by Prometheus, and what the runbook says mends it', async () => {
  const alert = 'DatafaceSourceDown'
  const rehearsal = rehearsals.find((one) => one.alert === alert) as Rehearsal
  await expect(rehearse(rehearsal, fastFactor, () => {})).resolves.toMatchObject({ alert })
}, 600_000)
