import type { Context } from 'hono'
import { type BoardStore, boardsOf } from '../../boards/board-store.ts'
import type { CompiledBoard } from '../../boards/compiled-board.ts'
import { findBoard } from '../../boards/find-board.ts'
import type { RunOptions } from '../../boards/run/run-board.ts'
import { runnerOptions } from '../../boards/run/runner-options.ts'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Failure } from '../../envelope/envelope.ts'
import { Fault } from '../../envelope/fault.ts'
import type { Project } from '../../projects/project.ts'
import { clientSignal, parseJson, readBody } from '../http/body.ts'
import type { CallerApp, CallerVariables } from '../http/caller-app.ts'
import type { TellChallenge } from '../http/challenge.ts'
import { isOpenedByOtherPage, refusedOrigin } from '../http/local-only.ts'
import { originOfRequest } from '../http/request-origin.ts'
import { tryDecode } from '../http/try-decode.ts'
import { encodeRefusal, encodeResponse, headersOf } from '../rest/encode.ts'
import { statusOf } from '../rest/status.ts'
import { assetOf } from './assets.ts'
import { ownValues } from './own-values.ts'
import type { FoundEntry, ListedBoard } from './pages.ts'
import { boardFeedPath, canonicalPath, pathsOfAddress } from './paths.ts'
import { readBoardRequest, readDrillRequest, valuesOfQuery } from './read-request.ts'
import type { BoardLine } from './view.ts'
import { BoardWatch } from './watch-boards.ts'

export interface BoardsOptions {
  readonly project: Project
  readonly dispatcher: Dispatcher
  readonly challenge: TellChallenge
  /** False while the server is stopping: pages that listen for changes are let go. */
  readonly isReady: () => boolean
}

/** A request whose caller is known. */
type CallerContext = Context<{ Variables: CallerVariables }>

/** Scripts, styles and data are ours alone; styles may stand in attributes, for colours and widths of boards do. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

const secured = { 'content-security-policy': policy, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }

/** The boards as pages: `/boards` lists them, `/boards/<path>` is one, live. Every query runs through dispatch. */
export const serveBoards = (app: CallerApp, { project, dispatcher, challenge, isReady }: BoardsOptions): void => {
  const store = boardsOf(project)
  const watch = new BoardWatch(project, isReady)
  const run = (context: CallerContext, signal: AbortSignal): Omit<RunOptions, 'values' | 'chart'> => {
    const caller = context.get('caller')
    const origin = originOfRequest(context.req.raw.headers)
    return runnerOptions(project, {
      call: (tool, input, own = signal) =>
        dispatcher.dispatch({ tool, within: 'render_dashboard', input, door: 'page', caller, origin, signal: own }),
      caller,
      signal,
      isCounted: true,
    })
  }
  /** What a tool gives to a page. Throws `Unanswered`. */
  const call = async (context: CallerContext, tool: string, input: unknown): Promise<Record<string, unknown>> => {
    const envelope = await dispatcher.dispatch({
      tool,
      input,
      door: 'page',
      caller: context.get('caller'),
      origin: originOfRequest(context.req.raw.headers),
      signal: clientSignal(context),
    })
    if (envelope.success) return envelope.data as Record<string, unknown>
    const refused = dispatcher.refusalOf(context.get('caller'), tool)
    throw new Unanswered(envelope, refused && challenge(refused))
  }

  // A page shows what the tool gives.
  app.use(async (context, next) => {
    const { path } = context.req
    if (!path.startsWith('/boards') || path.startsWith('/boards-assets/')) return next()
    const [tool, caller] = ['render_dashboard', context.get('caller')]
    const refused = dispatcher.refusalOf(caller, tool)
    if (refused === undefined) return next()
    // Dispatch refuses it too, and keeps the record of it.
    const envelope = await dispatcher.dispatch({ tool, input: undefined, door: 'page', caller, signal: clientSignal(context) })
    return encodeResponse(envelope, { headers: challenge(refused) })
  })

  app.get('/boards', async (context) => {
    const query = (context.req.query('q') ?? '').trim().slice(0, 512)
    const tag = (context.req.query('tag') ?? '').trim().slice(0, 100)
    const asked = tag === '' ? {} : { tag }
    const { listPage, unlistedPage } = await import('./pages.ts')
    try {
      const boards = query === '' ? await listBoards((input) => call(context, 'list_dashboards', { ...asked, ...input })) : []
      const found = query === '' ? [] : ((await call(context, 'search_dashboards', { query, limit: 100 })).results ?? [])
      return context.html(listPage(project.name, { boards, tag, query, found: found as FoundEntry[] }), 200, secured)
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error
      const { envelope, headers } = error
      const html = { ...secured, 'content-type': 'text/html; charset=UTF-8' }
      return new Response(unlistedPage(envelope.errors[0]), {
        status: statusOf(envelope),
        headers: { ...headersOf(envelope, headers), ...html },
      })
    }
  })

  app.get('/boards/*', async (context) => {
    const { boardPage, missingPage } = await import('./pages.ts')
    try {
      return context.html(await boardPage(await boardAt(store, addressOf(context, '/boards/'))), 200, secured)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return context.html(missingPage(project.name, error), 404, secured)
    }
  })

  app.post('/boards-data/*', (context) =>
    answering(dispatcher, async () => {
      const board = await boardAt(store, addressOf(context, '/boards-data/'))
      const request = readBoardRequest(parseJson(await readBody(context.req.raw)))
      const { streamBoard } = await import('./stream-board.ts')
      return lines((tell, signal) => streamBoard(board, run(context, AbortSignal.any([signal, clientSignal(context)])), request, tell))
    }),
  )

  app.post('/boards-drill/*', (context) =>
    answering(dispatcher, async () => {
      const board = await boardAt(store, addressOf(context, '/boards-drill/'))
      const { scheme, ...request } = readDrillRequest(parseJson(await readBody(context.req.raw)))
      const { drillRows } = await import('./drill-rows.ts')
      return context.json(await drillRows(board, run(context, clientSignal(context)), request, scheme))
    }),
  )

  app.get('/boards-files/:format/:scheme/:chart/*', (context) =>
    answering(dispatcher, async () => {
      // A download runs queries, which no page but ours may start.
      if (isOpenedByOtherPage(context.req.raw.headers)) throw refusedOrigin()
      const { format, scheme, chart } = context.req.param()
      const prefix = context.req.path.split('/').slice(0, 5).join('/')
      const board = await boardAt(store, addressOf(context, `${prefix}/`))
      if (!board.charts.has(chart) || !['csv', 'svg', 'png'].includes(format) || !['light', 'dark'].includes(scheme))
        throw new Fault('VALIDATION_ERROR', 'Nothing of that name can be downloaded.', { path: 'chart' })
      const { values } = ownValues(board, valuesOfQuery(new URL(context.req.url).searchParams))
      const { runBoard } = await import('../../boards/run/run-board.ts')
      const { renderAside, takingTurn } = await import('../../boards/render/render-aside.ts')
      const signal = clientSignal(context)
      const asking = run(context, signal)
      let failed: Failure | undefined
      const execute: RunOptions['execute'] = async (query) => {
        const envelope = await asking.execute(query)
        if (!envelope.success) failed ??= envelope
        return envelope
      }
      const { bound, rendering } = await takingTurn(context.get('caller').id, signal, async () => {
        const bound = await runBoard(board, { ...asking, execute, values, chart })
        const options = { format: format as 'svg' | 'png', scheme: scheme as 'light' | 'dark', width: 960, chart }
        return { bound, rendering: format === 'csv' ? undefined : await renderAside(bound, options, signal) }
      })
      const file = (content: string | Uint8Array, type: string) =>
        new Response(typeof content === 'string' ? content : new Uint8Array(content), {
          headers: {
            'content-type': type,
            'content-disposition': `attachment; filename="${fileName(board, chart)}.${format}"`,
            'x-content-type-options': 'nosniff',
          },
        })
      if (rendering === undefined) {
        const one = bound.charts.get(chart)
        if (one?.rows === undefined) {
          if (failed !== undefined) return encodeResponse(failed)
          const found = one?.diagnostics.find(({ level }) => level === 'error')
          throw new Fault('VALIDATION_ERROR', found?.message ?? 'The chart has no rows.', { path: 'chart' })
        }
        const { csvOf } = await import('./csv.ts')
        return file(csvOf(one.rows), 'text/csv; charset=utf-8')
      }
      return file(rendering.content, rendering.contentType)
    }),
  )

  app.get(boardFeedPath, (context) => {
    const { headers } = context.req.raw
    let stop: (() => void) | undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        const send = (text: string) => controller.enqueue(Buffer.from(text))
        send('retry: 2000\n\n')
        const end = () => {
          stop?.()
          controller.close()
        }
        const tell = (paths: readonly string[]) => send(`event: change\ndata: ${JSON.stringify(paths)}\n\n`)
        // A page may listen for longer than its credentials are good. One that has gone is told nothing.
        stop = watch.listen(
          (paths) =>
            void project.access
              .identify(headers)
              .then(() => tell(paths), end)
              .catch(() => {}),
          () => controller.close(),
        )
      },
      cancel: () => stop?.(),
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } })
  })

  app.get('/boards-assets/:name', (context) => {
    const asset = assetOf(context.req.param('name'))
    if (asset === undefined) return context.notFound()
    return new Response(asset.body, {
      headers: { 'content-type': asset.type, 'cache-control': 'no-cache', 'x-content-type-options': 'nosniff' },
    })
  })
}

/** The name of a downloaded file, without its ending: the board and the chart. */
const fileName = ({ path }: CompiledBoard, chart: string): string =>
  `${canonicalPath(path).split('/').at(-1)}-${chart}`.replace(/[^\w.-]+/g, '-')

/** The rest of a path as it was before it became part of an address; as it stands, where it cannot have become one. */
const addressOf = (context: Context, prefix: string): string => {
  const rest = context.req.path.slice(prefix.length)
  return tryDecode(rest) ?? rest
}

/** A call of a page that has failed. */
class Unanswered extends Error {
  readonly envelope: Failure
  readonly headers: Readonly<Record<string, string>> | undefined

  constructor(envelope: Failure, headers: Readonly<Record<string, string>> | undefined) {
    super(envelope.errors[0].message)
    this.envelope = envelope
    this.headers = headers
  }
}

/** The board of an address; BOARD_NOT_FOUND with the nearest paths when there is none. */
const boardAt = async (store: BoardStore, address: string): Promise<CompiledBoard> => {
  const [likely = '', other = ''] = pathsOfAddress(address)
  try {
    return (await findBoard(store, likely)).board
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return findBoard(store, other).then(
      ({ board }) => board,
      () => Promise.reject(error),
    )
  }
}

/** Every board, page by page. */
const listBoards = async (call: (input: object) => Promise<Record<string, unknown>>): Promise<ListedBoard[]> => {
  const boards: ListedBoard[] = []
  let cursor: unknown
  do {
    const page = await call({ limit: 500, ...(cursor !== undefined && { cursor }) })
    boards.push(...((page.dashboards ?? []) as ListedBoard[]))
    cursor = page.next_cursor
  } while (cursor !== undefined)
  return boards
}

/** A refusal, as the other doors tell one. */
const answering = async (dispatcher: Dispatcher, answer: () => Promise<Response>): Promise<Response> => {
  try {
    return await answer()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return encodeRefusal(dispatcher.refuse(undefined, error), error)
  }
}

/** Lines of JSON that are sent as they are told; when the reader goes, what tells them is stopped. */
const lines = (run: (tell: (line: BoardLine) => void, signal: AbortSignal) => Promise<void>): Response => {
  const gone = new AbortController()
  const body = new ReadableStream<Uint8Array>({
    async start(controller) {
      const tell = (line: BoardLine) => {
        if (!gone.signal.aborted) controller.enqueue(Buffer.from(`${JSON.stringify(line)}\n`))
      }
      run(tell, gone.signal)
        .catch(() => tell({ kind: 'fault', message: 'The server could not run this board.' }))
        .finally(() => {
          if (!gone.signal.aborted) controller.close()
        })
    },
    cancel: () => gone.abort(),
  })
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' } })
}
