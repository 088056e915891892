import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { Call } from '../../dispatch/call.ts'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import type { Envelope } from '../../envelope/envelope.ts'
import { Fault } from '../../envelope/fault.ts'
import { clientSignal, parseJson, readBody } from '../http/body.ts'
import type { CallerApp } from '../http/caller-app.ts'
import type { TellChallenge } from '../http/challenge.ts'
import { originOfRequest } from '../http/request-origin.ts'
import { deprecationHeaders, parseVersion, versionHeader } from '../http/versions.ts'
import { encodeRefusal, encodeResponse } from './encode.ts'
import { encodeStream } from './encode-stream.ts'
import { negotiate } from './negotiate.ts'

/**
 * The REST door: `POST /api/v<version>/<tool>` with the input as a JSON body answers with the envelope, or, where the Accept
 * header asks for one and the tool has rows, with a stream of them. The version is that of the contracts which the caller was
 * written for; a tool that has not changed since answers at its last one before.
 */
export const serveRest = (
  app: CallerApp,
  { dispatch, stream, streamNames, refuse, refusalOf, versions, deprecationOf }: Dispatcher,
  challenge: TellChallenge,
): void => {
  const encode = (envelope: Envelope): Response =>
    encodeResponse(envelope, { headers: deprecationHeaders(deprecationOf(envelope.meta.contract)) })

  app.post('/api/:version{v[0-9]+}/:tool', async (context) => {
    const tool = context.req.param('tool')
    const version = parseVersion(context.req.param('version').slice(1))
    const caller = context.get('caller')
    const refused = refusalOf(caller, tool)
    const from = {
      tool,
      version,
      door: 'rest',
      caller,
      origin: originOfRequest(context.req.raw.headers),
      signal: clientSignal(context),
    } as const
    if (refused !== undefined) {
      const envelope = await dispatch({ ...from, input: undefined })
      return encodeResponse(envelope, { headers: challenge(refused) })
    }
    try {
      const header = context.req.header(versionHeader)
      if (header !== undefined && parseVersion(header) !== version) throw otherVersion(context.req.param('version'), header)
      const input = await decodeInput(context)
      const call: Call = { ...from, input }
      const kind = streamNames.has(tool) ? negotiate(context.req.header('accept')) : 'json'
      if (kind === 'json') return encode(await dispatch(call))
      const answer = await stream(call)
      return 'success' in answer ? encode(answer) : encodeStream(answer, kind, breakOff(context))
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return encodeRefusal(refuse(tool, error, version), error)
    }
  })
  app.all('/api/:version{v[0-9]+}/:tool', (context) => {
    const { tool, version } = context.req.param()
    const fault = new Fault('VALIDATION_ERROR', 'Tools are called by POST.', { hint: 'POST the input as a JSON body.' })
    return encodeResponse(refuse(tool, fault, parseVersion(version.slice(1))), { status: 405, headers: { allow: 'POST' } })
  })
  app.all('/api/*', (context) =>
    encodeResponse(
      refuse(
        undefined,
        new Fault('UNKNOWN_TOOL', `Nothing is served at ${context.req.path.slice(0, 100)}.`, {
          hint: `Call POST /api/v${versions.at(-1)}/<tool>; /openapi.json lists them.`,
        }),
      ),
    ),
  )
}

/** Who says two versions was written for one of them, and nobody knows which. */
const otherVersion = (path: string, header: string): Fault =>
  new Fault('VALIDATION_ERROR', `The path asks for ${path} of the contracts, and the header for "${header.slice(0, 20)}".`, {
    path: versionHeader,
    hint: 'Leave the header out; the path says the version.',
  })

/** Closes the connection without the end that HTTP gives a body, so that the client knows it for broken. */
const breakOff = (context: Context): (() => void) | undefined => {
  const socket = (context.env as Partial<HttpBindings> | undefined)?.outgoing?.socket
  return socket?.destroySoon.bind(socket)
}

/** The body as an input; an empty one means no arguments. */
const decodeInput = async (context: Context): Promise<unknown> => {
  const type = context.req.header('content-type')
  const text = await readBody(context.req.raw)
  if (text === '') return {}
  if (type === undefined || !/^application\/([\w.+-]+\+)?json\b/i.test(type))
    throw new Fault('VALIDATION_ERROR', 'The body is not marked as JSON.', {
      path: 'content-type',
      hint: 'Send the header content-type: application/json.',
    })
  return parseJson(text)
}
