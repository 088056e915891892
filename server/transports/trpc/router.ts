import { initTRPC, TRPCError } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Caller } from '../../access/caller.ts'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Envelope, Failure } from '../../envelope/envelope.ts'
import { Fault } from '../../envelope/fault.ts'
import type { CallOrigin } from '../../telemetry/call-origin.ts'
import { isTooLarge, parseJson, readBody, tooLargeHeaders } from '../http/body.ts'
import { originOfRequest } from '../http/request-origin.ts'
import { tryDecode } from '../http/try-decode.ts'
import { deprecationHeaders, parseVersion, versionHeader } from '../http/versions.ts'

/** Answers a request of a caller, or of one who is refused. */
export type Handle = (request: Request, caller: Caller | Fault) => Promise<Response>

interface Context {
  readonly caller: Caller
  readonly signal: AbortSignal
  readonly version: number
  readonly origin: CallOrigin
  /** Why the input in the address cannot be read. */
  readonly malformed: Fault | undefined
  /** The answers to calls of tools that are not there, by their names. */
  readonly unknown: ReadonlyMap<string, Failure>
}

/** Builds the router from the list of tools. Inputs go to dispatch as they are, so that one place validates them. `untold`: see serve.ts. */
export const createTrpcHandler = (
  { dispatch, refuse, unknownTool, toolNames, resolveName, aliases, versions, deprecationOf }: Dispatcher,
  untold: (envelope: Envelope) => Envelope,
): Handle => {
  // A caller that names none was written when there was only the first.
  const [oldest = 1] = versions
  const t = initTRPC.context<Context>().create({
    // A call that reached no tool: the same codes as everywhere, beside tRPC's own.
    errorFormatter({ shape, error, path, ctx }) {
      const { stack: _stack, ...data } = shape.data
      const { code, cause } = error
      const answered = code === 'NOT_FOUND' && path !== undefined ? ctx?.unknown.get(path) : undefined
      if (answered !== undefined) return { ...shape, message: answered.errors[0].message, data: { ...data, envelope: answered } }
      const fault =
        cause instanceof Fault
          ? cause
          : code === 'NOT_FOUND'
            ? unknownTool(path ?? '', ctx?.caller ?? nobody)
            : ((cause instanceof SyntaxError ? ctx?.malformed : undefined) ?? faultOf(code))
      const refused = refuse(path !== undefined && resolveName(path) !== undefined ? path : undefined, fault, ctx?.version)
      // Whoever is not known has no context.
      const envelope = cause instanceof Fault && ctx === undefined ? untold(refused) : refused
      const status = isTooLarge(fault) ? tooLargeStatus : {}
      return { ...shape, message: fault.message, data: { ...data, ...status, envelope } }
    },
  })
  const procedure = (tool: string) =>
    t.procedure
      .input((input: unknown) => input)
      .query(({ input, ctx, signal }) =>
        dispatch({ tool, version: ctx.version, input, door: 'trpc', caller: ctx.caller, origin: ctx.origin, signal: signal ?? ctx.signal }),
      )
  const router = t.router(Object.fromEntries([...toolNames, ...aliases].map((tool) => [tool, procedure(tool)])))

  /** The tools that a request calls. */
  const toolsOf = (url: URL): readonly string[] => {
    const path = decodedPath(url.pathname.slice(startOf(url)))
    return isBatch(url) ? path.split(',') : [path]
  }

  /** Calls of tools that are not there are calls too: tRPC asks nobody for them, and dispatch counts and records them. */
  const askUnknown = async (url: URL, asked: Omit<Context, 'malformed' | 'unknown'>): Promise<Context['unknown']> => {
    const names = toolsOf(url).filter((name) => resolveName(name) === undefined)
    if (names.length > maxBatchSize) return new Map()
    const answers = await Promise.all(
      names.map(async (tool) => [tool, await dispatch({ tool, input: undefined, door: 'trpc', ...asked })] as const),
    )
    return new Map(answers.flatMap(([tool, envelope]) => (envelope.success ? [] : [[tool, envelope]])))
  }

  /** As many calls that can be read: what is wrong with those of someone who is not known is not for them to learn. */
  const toRefuse = (url: URL, headers: Headers): Request => {
    const names = toolsOf(url).slice(0, maxBatchSize)
    const known = names.map((name) => (resolveName(name) === undefined ? toolNames[0] : name))
    const start = `${url.origin}${url.pathname.slice(0, startOf(url))}`
    return new Request(`${start}${known.join(',')}${isBatch(url) ? '?batch=1' : ''}`, { headers })
  }

  return async (request, caller) => {
    const url = new URL(request.url)
    const named = request.headers.get(versionHeader)
    const version = named === null ? oldest : parseVersion(named)
    const asked = caller instanceof Fault ? caller : { caller, signal: request.signal, version, origin: originOfRequest(request.headers) }
    const unknown = asked instanceof Fault ? new Map<string, Failure>() : await askUnknown(url, asked)
    return fetchRequestHandler({
      endpoint: url.pathname.slice(0, startOf(url) - 1),
      req: asked instanceof Fault ? toRefuse(url, request.headers) : await readRequest(request),
      router,
      allowMethodOverride: true,
      maxBatchSize,
      createContext() {
        if (asked instanceof Fault) throw new TRPCError({ code: trpcCodeOf(asked), cause: asked })
        return { ...asked, unknown, malformed: malformedQuery(request.url) }
      },
      responseMeta({ data, errors }) {
        if (errors.some(({ cause }) => isTooLarge(cause))) return { status: 413, headers: { ...tooLargeHeaders } }
        const contracts = data.flatMap((one) => ('result' in one ? [contractOf(one.result.data)] : []))
        const deprecated = contracts.map(deprecationOf).find((one) => one !== undefined)
        return { headers: { ...deprecationHeaders(deprecated) } }
      },
    })
  }
}

const tooLargeStatus = { code: 'PAYLOAD_TOO_LARGE', httpStatus: 413 } as const

/** A request of which reading the body throws VALIDATION_ERROR as at the other doors. */
const readRequest = async (request: Request): Promise<Request> => {
  const { url, method, headers, signal } = request
  if (request.body === null) return request
  const isJson = /^application\/json\b/i.test(headers.get('content-type') ?? '')
  const body = await readBody(request)
    .then((text) => {
      if (isJson && text !== '') parseJson(text)
      return text
    })
    .catch((error: unknown) => new ReadableStream({ start: (controller) => controller.error(error) }))
  return new Request(url, { method, headers, signal, body, duplex: 'half' } as RequestInit)
}

/** Where the names of tools begin in the path of a request; before it may stand the path of a project. */
const startOf = ({ pathname }: URL): number => pathname.indexOf('/trpc/') + '/trpc/'.length

const isBatch = ({ searchParams }: URL): boolean => searchParams.get('batch') === '1'

/** The path as tRPC reads it; as it stands, where that is no text, which tRPC refuses. */
const decodedPath = (path: string): string => tryDecode(path)?.replace(/^\/|\/$/g, '') ?? path

const malformedQuery = (url: string): Fault | undefined => {
  const input = new URL(url).searchParams.get('input')
  try {
    if (input !== null) parseJson(input)
    return undefined
  } catch (error) {
    return error as Fault
  }
}

const contractOf = (answer: unknown): string => (answer as Envelope).meta.contract

/** Whoever is not known may call nothing. */
const nobody: Caller = { id: '', scopes: [] }

/** Calls in one request, as many as over MCP. */
const maxBatchSize = 100

/** What tRPC calls the refusal of a caller. */
const trpcCodeOf = ({ code }: Fault): 'UNAUTHORIZED' | 'SERVICE_UNAVAILABLE' =>
  code === 'UNAUTHENTICATED' ? 'UNAUTHORIZED' : 'SERVICE_UNAVAILABLE'

/** tRPC's own codes for what happens before a tool is reached. */
const faultOf = (code: string): Fault => {
  if (code === 'INTERNAL_SERVER_ERROR') return new Fault('INTERNAL_ERROR', 'The server could not answer this call.')
  if (code === 'CLIENT_CLOSED_REQUEST') return new Fault('CANCELLED', 'The call was cancelled.')
  return new Fault('VALIDATION_ERROR', 'The request is not a tRPC call that can be read.', {
    hint: 'Use a tRPC v11 client; inputs are JSON.',
  })
}
