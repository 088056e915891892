/**
 * Answers plain calls over REST before the app, whose objects cost more than a short call. Only a call that is certainly
 * well-formed is answered here; everything else is left to serve.ts. test/server/quick-path.test.ts holds both to one answer.
 */
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from '../../dispatch/dispatch.ts'
import { encodeBody } from '../../envelope/envelope.ts'
import { tryJson } from '../http/body.ts'
import { isJson, lookupOf } from '../http/node-headers.ts'
import type { QuickDoor } from '../http/quick-path.ts'
import { originOfRequest } from '../http/request-origin.ts'
import { deprecationHeaders, versionHeader } from '../http/versions.ts'
import { headersOf } from './encode.ts'
import { statusOf } from './status.ts'

type Calls = Pick<Dispatcher, 'dispatch' | 'toolNames' | 'aliases' | 'versions' | 'refusalOf' | 'deprecationOf'>

/** The doors of all tools in all versions, by their paths: `/api/v1/execute_query`. */
export const quickRest = (dispatcher: Calls): ReadonlyMap<string, QuickDoor> =>
  new Map(
    dispatcher.versions.flatMap((version) =>
      [...dispatcher.toolNames, ...dispatcher.aliases].map((tool) => [`/api/v${version}/${tool}`, doorOf(dispatcher, tool, version)]),
    ),
  )

/** What may be sent in answer, where it is nothing but JSON. */
const acceptsJson: ReadonlySet<string | undefined> = new Set([undefined, '*/*', 'application/json'])

const takes = (headers: IncomingHttpHeaders): boolean =>
  acceptsJson.has(headers.accept) && isJson(headers) && headers[versionHeader] === undefined

const doorOf = ({ dispatch, refusalOf, deprecationOf }: Calls, tool: string, version: number): QuickDoor => ({
  takes,
  answer(headers, body, signal, caller) {
    const input = tryJson(body)
    if (input === undefined || refusalOf(caller, tool) !== undefined) return undefined
    const origin = originOfRequest(lookupOf(headers))
    return dispatch({ tool, version, door: 'rest', caller, origin, signal, input }).then((envelope) => ({
      status: statusOf(envelope),
      headers: headersOf(envelope, deprecationHeaders(deprecationOf(envelope.meta.contract))),
      body: encodeBody(envelope),
    }))
  },
})
