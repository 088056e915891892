import { createHash } from 'node:crypto'
import type { createClient } from 'redis'
import { type CountedCall, isSettled, type Settled } from '../../quotas/quota-store.ts'
import type { SharedTaken } from '../leased-quotas.ts'
import type { Connected } from '../link.ts'
import type { StoreKind } from '../shared-state.ts'
import { renewScript, settleScript, takeScript } from './scripts.ts'

type Client = ReturnType<typeof createClient>

/** Nobody waits for all of it. Milliseconds. */
const connectMs = 10_000
/** Before every key; the number is that of their layout. */
const prefix = 'dataface:1:'

/** State in Redis. Quotas are counted by scripts, each of which Redis runs alone. */
export const redisState = (url: string): StoreKind<Client> => ({
  connect: (lost) => connectRedis(url, lost),
  // What Redis answers itself begins with a word in capitals; these are of what it was asked, and others of it: READONLY, OOM, MISCONF.
  isLost: (error) => !(error instanceof Error) || !/^(ERR|NOSCRIPT|WRONGTYPE|BUSY) /.test(error.message),
  counts(link) {
    const run = (script: string, { id, project, accounts }: CountedCall, usage: object, at?: number): Promise<SharedTaken> =>
      link.use(async (client) => {
        const keys = accounts.flatMap(({ key }) => ['counts', 'running', 'held'].map((kind) => `${prefix}{${project}}:${kind}:${key}`))
        const told = accounts.map(({ key, quota }) => ({ key, ...quota, is_settled: isSettled(quota) }))
        const values = [at === undefined ? '' : String(at), id, JSON.stringify(told), JSON.stringify(usage)]
        return JSON.parse(await runScript(client, script, { keys, arguments: values })) as SharedTaken
      })
    return {
      take: (call, now) => run(takeScript, call, {}, now),
      async settle(call, usage, { isGiven, isLast }, now): Promise<Settled> {
        const told = { ...usage, is_given: isGiven, is_last: isLast }
        const { isAdmitted: isWithin, ...settled } = await run(settleScript, call, told, now)
        return { isWithin, ...settled }
      },
      end: (call, usage, now) => run(settleScript, call, { ...usage, is_given: true, is_last: true }, now),
      async renew(calls) {
        await Promise.all(calls.map((call) => run(renewScript, call, {})))
      },
    }
  },
  async secretOf(client, proposed) {
    const key = `${prefix}cursor-secret`
    await client.set(key, proposed.toString('base64'), { condition: 'NX' })
    const found = await client.get(key)
    return found === null ? proposed : Buffer.from(found, 'base64')
  },
  async describe(client) {
    const version = /redis_version:(\S+)/.exec(String(await client.info('server')))?.[1]
    return `Redis ${version}`
  },
})

/** Sends the text of a script only where Redis does not know it. */
const runScript = async (client: Client, script: string, options: { keys: string[]; arguments: string[] }): Promise<string> => {
  const hash = createHash('sha1').update(script).digest('hex')
  const answer = await client.evalSha(hash, options).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith('NOSCRIPT')) return client.eval(script, options)
    throw error
  })
  return String(answer)
}

const connectRedis = async (url: string, lost: (error: unknown) => void): Promise<Connected<Client>> => {
  const { createClient } = await import('redis')
  // A connection that is lost is replaced by whoever holds it, so that nothing waits for it in a queue.
  const client: Client = createClient({
    url,
    name: 'dataface',
    disableOfflineQueue: true,
    socket: { connectTimeout: connectMs, reconnectStrategy: false },
  })
  let isReady = false
  const destroy = (): void => {
    isReady = false
    if (client.isOpen) client.destroy()
  }
  client.on('error', (error) => {
    if (!isReady) return
    isReady = false
    lost(error)
  })
  // The driver's own deadline ends with the connection, which says nothing of who answers there.
  const timer = setTimeout(destroy, connectMs)
  try {
    await client.connect()
    isReady = true
    return { client, destroy }
  } catch (error) {
    destroy()
    throw error
  } finally {
    clearTimeout(timer)
  }
}
