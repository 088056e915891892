import { randomBytes } from 'node:crypto'
import { memoryQuotas } from '../quotas/memory-quotas.ts'
import type { State } from './state.ts'

/** State of this process alone. */
export const memoryState = (): State => {
  const secret = randomBytes(32)
  return {
    quotas: memoryQuotas(),
    cursorSecret: () => secret,
    prepare: async () => {},
    examine: async () => 'is kept by this process alone',
    close: async () => {},
  }
}
