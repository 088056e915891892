import { initTRPC } from '@trpc/server'
import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import { Fault } from '../../envelope/fault.ts'
import { isTooLarge, limitBody, tooLargeHeaders } from '../http/body.ts'
import { deprecationHeaders, parseVersion, versionHeader } from '../http/versions.ts'

export type Handle = (request: Request) => Promise<Response>

interface Context {
  readonly signal: AbortSignal
  readonly version: number
}

const caller = { id: 'local' }

/** Builds the router from the list of tools. Inputs go to dispatch as they are, so that one place validates them. */
export const createTrpcHandler = ({
  dispatch,
  refuse,
  unknownTool,
  toolNames,
  resolveName,
  aliases,
  versions,
  deprecationOf,
}: Dispatcher): Handle => {
  // A caller that names none was written when there was only the first.
  const [oldest = 1] = versions
  const t = initTRPC.context<Context>().create({
    // A call that reached no tool: the same codes as everywhere, beside tRPC's own.
    errorFormatter({ shape, error, path, ctx }) {
      const { stack: _stack, ...data } = shape.data
      const { code, cause } = error
      const fault = cause instanceof Fault ? cause : code === 'NOT_FOUND' ? unknownTool(path ?? '') : faultOf(code)
      const envelope = refuse(path !== undefined && resolveName(path) !== undefined ? path : undefined, fault, ctx?.version)
      return { ...shape, message: fault.message, data: { ...data, envelope } }
    },
  })
  const procedure = (tool: string) =>
    t.procedure
      .input((input: unknown) => input)
      .query(({ input, ctx, signal }) =>
        dispatch({ tool, version: ctx.version, input, door: 'trpc', caller, signal: signal ?? ctx.signal }),
      )
  const router = t.router(Object.fromEntries([...toolNames, ...aliases].map((tool) => [tool, procedure(tool)])))

  return (request) => {
    const named = request.headers.get(versionHeader)
    const version = named === null ? oldest : parseVersion(named)
    return fetchRequestHandler({
      endpoint: '/trpc',
      req: limitBody(request),
      router,
      allowMethodOverride: true,
      maxBatchSize,
      createContext: () => ({ signal: request.signal, version }),
      responseMeta({ data, errors }) {
        if (errors.some(({ cause }) => isTooLarge(cause))) return { status: 413, headers: { ...tooLargeHeaders } }
        const contracts = data.flatMap((one) => ('result' in one ? [contractOf(one.result.data)] : []))
        const deprecated = contracts.map(deprecationOf).find((one) => one !== undefined)
        return { headers: { ...deprecationHeaders(deprecated) } }
      },
    })
  }
}

const contractOf = (answer: unknown): string => (answer as Envelope).meta.contract

/** Calls in one request, as many as over MCP. */
const maxBatchSize = 100

/** tRPC's own codes for what happens before a tool is reached. */
const faultOf = (code: string): Fault => {
  if (code === 'INTERNAL_SERVER_ERROR') return new Fault('INTERNAL_ERROR', 'The server could not answer this call.')
  if (code === 'CLIENT_CLOSED_REQUEST') return new Fault('CANCELLED', 'The call was cancelled.')
  return new Fault('VALIDATION_ERROR', 'The request is not a tRPC call that can be read.', {
    hint: 'Use a tRPC v11 client; inputs are JSON.',
  })
}
