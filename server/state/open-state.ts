import { randomBytes } from 'node:crypto'
import type { Log } from '../operations/log.ts'
import { checkPostgresUrl, type UrlFault } from '../projects/check-postgres-url.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import { memoryState } from './memory-state.ts'
import { postgresState } from './postgres/postgres-state.ts'
import { redisState } from './redis/redis-state.ts'
import { sharedState, stateVariable } from './shared-state.ts'
import type { State } from './state.ts'

export interface OpenStateOptions {
  /** `postgres://...`, `redis://...` or `rediss://...`; undefined or empty for state that this process keeps alone. */
  readonly url: string | undefined
  readonly log: Log
}

/** Opens what outlives calls. Nothing is connected yet. Throws `ProjectError` for an address of nothing that is known. */
export const openState = ({ url, log }: OpenStateOptions): State => {
  if (url === undefined || url === '') return memoryState()
  const fault = checkStateUrl(url)
  if (fault !== undefined)
    throw new ProjectError([
      {
        level: 'error',
        code: 'BAD_VARIABLE',
        file: stateVariable,
        line: 1,
        column: 1,
        message: `The environment variable ${stateVariable} ${fault.message}.`,
        hint: fault.hint,
      },
    ])
  const proposed = randomBytes(32)
  return isRedis(url)
    ? sharedState(redisState(url), proposed, log)
    : sharedState(postgresState({ url, place: stateVariable }), proposed, log)
}

const isRedis = (url: string): boolean => /^rediss?:\/\//i.test(url)

/** Why an address is none of a store, in words that never quote it. */
const checkStateUrl = (url: string): UrlFault | undefined => {
  if (/^postgres(ql)?:\/\//i.test(url)) return checkPostgresUrl(url)
  if (!isRedis(url))
    return {
      message: 'names no store that is known',
      hint: 'Write postgres://user:password@host:port/dbname, redis://host:port, or rediss://host:port for Redis with TLS.',
    }
  if (URL.canParse(url) && new URL(url).hostname !== '' && /^\/?\d*$/.test(new URL(url).pathname)) return undefined
  return {
    message: 'cannot be read as an address of Redis',
    hint: 'Write redis://user:password@host:port/0. In user and password write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25.',
  }
}
