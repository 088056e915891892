import { expect } from 'vitest'
import { httpDoors } from './doors.ts'
import type { Started } from './start-dataface.ts'

/**
 * Calls through every door of a server whose project is named `kept`, and expects the whole record of each call where its
 * answer is. `lastRecord` reads the newest.
 */
export const expectRecords = async (started: Started, lastRecord: () => unknown): Promise<void> => {
  for (const [name, door] of Object.entries(httpDoors(started))) {
    const { meta } = await door('execute_query', { source: 'vega', sql: "SELECT 'a secret' AS x, 42 AS y" })
    expect([name, await lastRecord()]).toEqual([
      name,
      {
        time: expect.stringMatching(/Z$/) as string,
        request_id: meta.request_id,
        project: 'kept',
        caller: 'local',
        door: name.split(' ')[0],
        tool: 'execute_query',
        contract: 'execute_query@1.0.0',
        source: 'vega',
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        sql: 'select ? as x , ? as y',
        verdict: 'answered',
        rows: 1,
        bytes: expect.any(Number) as number,
        tokens: expect.any(Number) as number,
        elapsed_ms: meta.timing_ms,
      },
    ])
  }
}
