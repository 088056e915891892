import type { ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { boardFeedPath } from '../boards/paths.ts'
import type { HttpApp } from './create-app.ts'
import type { QuickPath } from './quick-path.ts'

/** An app and the requests that it has not answered yet. */
interface Generation {
  readonly app: HttpApp
  underWay: number
  /** Called when there are none, once it was replaced. */
  over?: () => void
}

/** An app that can be replaced by another while requests are under way. */
export class LiveApp implements HttpApp {
  #current: Generation

  constructor(app: HttpApp) {
    this.#current = { app, underWay: 0 }
  }

  get open(): readonly string[] | undefined {
    return this.#current.app.open
  }

  readonly request: HttpApp['request'] = (...args) => this.#current.app.request(...args)

  readonly fetch: HttpApp['fetch'] = (request, env, ...rest) => {
    const generation = this.#current
    const { outgoing } = (env ?? {}) as Partial<HttpBindings>
    if (outgoing !== undefined && !isFeed(request.url)) this.#follow(generation, outgoing as ServerResponse)
    return generation.app.fetch(request, env, ...rest)
  }

  readonly quickPath: QuickPath = (incoming, outgoing, pass) => {
    const generation = this.#current
    if (generation.app.quickPath === undefined) return pass()
    this.#follow(generation, outgoing)
    generation.app.quickPath(incoming, outgoing, pass)
  }

  /** Gives what comes from now on to another app. Resolves when the one before has answered all it was given. */
  replace(app: HttpApp): Promise<void> {
    const before = this.#current
    this.#current = { app, underWay: 0 }
    return new Promise((resolve) => {
      before.over = resolve
      if (before.underWay === 0) resolve()
    })
  }

  #follow(generation: Generation, outgoing: ServerResponse): void {
    generation.underWay++
    outgoing.once('close', () => {
      if (--generation.underWay === 0) generation.over?.()
    })
  }
}

/** Whether an address is that of what is told to a page for as long as it is open. Its project ends it; nothing waits for it. */
const isFeed = (url: string): boolean => new URL(url).pathname.endsWith(boardFeedPath)
