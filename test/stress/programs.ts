import { connectionStormsProgram } from './programs/connection-storms.ts'
import { deadSourcesProgram } from './programs/dead-sources.ts'
import { invalidationProgram } from './programs/invalidation.ts'
import { manyTablesProgram } from './programs/many-tables.ts'
import { poolExhaustionProgram } from './programs/pool-exhaustion.ts'
import { sessionsProgram } from './programs/sessions.ts'
import { slowQueriesProgram } from './programs/slow-queries.ts'
import { slowReadersProgram } from './programs/slow-readers.ts'
import { twoTeamsProgram } from './programs/two-teams.ts'
import { vanishingClientsProgram } from './programs/vanishing-clients.ts'
import type { Program } from './report.ts'

/** Every program, in the order in which all are run. */
export const programs: readonly Program[] = [
  sessionsProgram,
  slowQueriesProgram,
  poolExhaustionProgram,
  connectionStormsProgram,
  slowReadersProgram,
  vanishingClientsProgram,
  deadSourcesProgram,
  manyTablesProgram,
  twoTeamsProgram,
  invalidationProgram,
]
