import type { Client } from 'pg'
import type { StoreKind } from '../shared-state.ts'
import { connectPostgres, isSessionLost, type PostgresPlace } from './connect-postgres.ts'
import { migrations } from './migrations.ts'
import { postgresQuotas } from './postgres-quotas.ts'

/** State in tables of its own schema, `dataface`, which are made on first use. */
export const postgresState = (place: PostgresPlace): StoreKind<Client> => ({
  connect: (lost) => connectPostgres(place, lost),
  isLost: isSessionLost,
  counts: postgresQuotas,
  async secretOf(client, proposed) {
    await client.query(`INSERT INTO dataface.secrets (name, value) VALUES ('cursors', $1) ON CONFLICT DO NOTHING`, [proposed])
    const { rows } = await client.query<{ value: Buffer }>(`SELECT value FROM dataface.secrets WHERE name = 'cursors'`)
    return rows[0]?.value ?? proposed
  },
  async describe(client) {
    const { rows } = await client.query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
    return `PostgreSQL ${rows[0]?.version}, whose tables are of version ${migrations.length}`
  },
  forget: (client) => client.query('SELECT dataface.forget_counts()'),
})
