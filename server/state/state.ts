import type { LastLook } from '../operations/last-look.ts'
import type { QuotaStore } from '../quotas/quota-store.ts'

/** What outlives a call and a change of the configuration: kept by one process alone, or shared by replicas. */
export interface State {
  readonly quotas: QuotaStore
  /** What cursors are signed with: the same for all who share the state. Throws NOT_READY while that is not known yet. */
  cursorSecret(): Buffer
  /**
   * Reaches the store, and makes its tables where there are none. A store that cannot be reached is logged and tried again later.
   * Throws `ProjectError` where waiting does not help: its tables are of a later version.
   */
  prepare(): Promise<void>
  /** Reaches the store, and says in a few words how it is. Throws a `Fault` when it is not well. */
  examine(): Promise<string>
  /** Whether the store could be reached; absent for state that this process keeps alone. */
  readonly reachable?: LastLook
  close(): Promise<void>
}
