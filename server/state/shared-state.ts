import { Fault } from '../envelope/fault.ts'
import { LastLook } from '../operations/last-look.ts'
import type { Log } from '../operations/log.ts'
import { ProjectError } from '../projects/diagnostic.ts'
import { leasedQuotas, type SharedCounts } from './leased-quotas.ts'
import { type Connected, Link, type LinkOptions } from './link.ts'
import type { State } from './state.ts'

/** The variable that names the store. */
export const stateVariable = 'DATAFACE_STATE_URL'

/** How often the store is told to forget what says nothing any more, milliseconds. */
const forgetMs = 600_000

/** What a kind of store does for what is shared. */
export interface StoreKind<Client> extends Pick<LinkOptions<Client>, 'connect' | 'isLost'> {
  readonly counts: (link: Link<Client>) => SharedCounts
  /** The secret of all who share the store; the one that is given, when there was none. */
  readonly secretOf: (client: Client, proposed: Buffer) => Promise<Buffer>
  /** The store in a few words, without credentials. */
  readonly describe: (client: Client) => Promise<string>
  /** Absent for a store that forgets by itself. */
  readonly forget?: (client: Client) => Promise<unknown>
}

/** State in a store that replicas share. Nothing is connected before it is asked for. */
export const sharedState = <Client>(kind: StoreKind<Client>, proposed: Buffer, log: Log): State => {
  let secret: Buffer | undefined
  const link = new Link<Client>({
    async connect(lost): Promise<Connected<Client>> {
      const connected = await kind.connect(lost)
      try {
        secret = await kind.secretOf(connected.client, proposed)
        return connected
      } catch (error) {
        connected.destroy()
        throw error
      }
    },
    isLost: kind.isLost,
    subject: 'The store that the replicas of this server share',
    operatorHint: `Check ${stateVariable}, and that the store it names runs and can be reached from here.`,
    log,
  })
  const quotas = leasedQuotas(kind.counts(link), log)
  const { forget } = kind
  const timer = forget && setInterval(() => void link.use(forget).catch(() => {}), forgetMs).unref()
  return {
    quotas,
    cursorSecret() {
      if (secret !== undefined) return secret
      void link.reach().catch(() => {})
      throw new Fault('NOT_READY', 'The server is starting: it does not know yet how pages are continued.', { retryAfterMs: 1_000 })
    },
    async prepare() {
      // That it cannot be reached is logged already.
      await link.reach().catch((error: unknown) => {
        if (error instanceof ProjectError) throw error
      })
    },
    reachable: new LastLook(() => link.reach()),
    async examine() {
      await link.reach()
      return link.use(kind.describe)
    },
    async close() {
      clearInterval(timer)
      await quotas.close()
      await link.close()
    },
  }
}
