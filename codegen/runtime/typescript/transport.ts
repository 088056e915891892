import { DatafaceError, isDatafaceError } from './errors.ts'
import type { ErrorItem, Meta, Warning } from './types.ts'

/** One sending of a call, as hooks see it. */
export interface Attempt {
  readonly tool: string
  readonly url: string
  /** May be changed before it is sent. */
  readonly headers: Headers
  readonly body: string
  /** From 1. */
  readonly attempt: number
}

/** Called around every attempt, and waited for; what they throw ends the call. */
export interface Hooks {
  onRequest?: (attempt: Attempt) => unknown
  /** The body is not read yet; read a `clone()` of it. */
  onResponse?: (attempt: Attempt, response: Response) => unknown
  onRetry?: (attempt: Attempt, error: DatafaceError, delayMs: number) => unknown
}

export interface DatafaceOptions {
  /** Where the server is, as `http://127.0.0.1:4321`; for a page that it serves itself, an empty text. */
  url: string
  /** Sent as a bearer token; a function is asked before every attempt. */
  token?: string | (() => string | Promise<string>) | undefined
  /** Sent with every call. */
  headers?: Record<string, string> | undefined
  /** How long a call may take, all attempts and the body included. Default 60,000; Infinity is no limit. */
  timeoutMs?: number | undefined
  /** Attempts after the first, of calls that may succeed later. Default 2. */
  retries?: number | undefined
  hooks?: Hooks | undefined
  /** In place of the global fetch. */
  fetch?: typeof fetch | undefined
}

export interface CallOptions {
  /** Ends the call and its query in the database; the call throws the reason of the signal. */
  signal?: AbortSignal | undefined
  /** How long it may take, all attempts and the body included. Default: that of the client; of streams, any time. */
  timeoutMs?: number | undefined
  /** Attempts after the first. Default: that of the client. */
  retries?: number | undefined
  /** Sent with this call. */
  headers?: Record<string, string> | undefined
  /** Sent as `Idempotency-Key` with every attempt; says that the call may be repeated. No tool of the server needs one. */
  idempotencyKey?: string | undefined
  /** Whether sending it twice has the effect of one, so that it is sent again when no answer came. Default: as the contract says. */
  repeatable?: boolean | undefined
}

/** The whole answer of a call that worked. */
export interface Answer<Data> {
  data: Data
  /** Things to know about the data. */
  warnings: Warning[]
  meta: Meta
  /** Status and headers; its body was read. */
  response: Response
}

/** A response whose body is still to be read. */
export interface Opened {
  readonly response: Response
  /** What to throw for a body that could not be read. */
  failure(cause: unknown): unknown
  /** To be called once nothing more is read of it. */
  end(): void
}

/** Sends calls to one server. */
export interface Transport {
  call(tool: string, input: object | undefined, options?: CallOptions): Promise<Answer<unknown>>
  /** A response with status 200, of a media type that is asked for. Failures are read, retried and thrown. */
  open(tool: string, input: object | undefined, accept: string, options?: CallOptions): Promise<Opened>
}

/** The longest wait that a server may ask for. */
const longestWaitMs = 60_000
/** Longer than this no timer can wait. */
const longestTimerMs = 2 ** 31 - 1
/** Statuses that are worth another attempt when the answer does not say so itself. */
const retriedStatuses = [408, 425, 429, 500, 502, 503, 504]

/** A transport. It holds no connections and needs no closing. `apiVersion`: of the contracts; the types here are of the default. */
export const createTransport = (client: DatafaceOptions, apiVersion: number = 1): Transport => {
  const base = `${client.url.replace(/\/+$/, '')}/api/v${apiVersion}/`
  const { hooks = {} } = client

  const sendOnce = async (attempt: Attempt, signal: AbortSignal): Promise<Response> => {
    const token = typeof client.token === 'function' ? await client.token() : client.token
    if (token !== undefined) attempt.headers.set('authorization', `Bearer ${token}`)
    await hooks.onRequest?.(attempt)
    const { url, headers, body } = attempt
    const response = await (client.fetch ?? fetch)(url, { method: 'POST', headers, body, signal }).catch((cause: unknown) => {
      throw failureOf(cause, signal, url)
    })
    await hooks.onResponse?.(attempt, response)
    return response
  }

  /** Sends a call until `read` makes something of a response, or its error is one that stays. */
  const send = async <Result>(
    tool: string,
    input: object | undefined,
    accept: string,
    options: CallOptions,
    read: (opened: Opened) => Promise<Result>,
  ): Promise<Result> => {
    const {
      timeoutMs = client.timeoutMs ?? 60_000,
      retries = client.retries ?? 2,
      idempotencyKey,
      repeatable = idempotencyKey !== undefined,
    } = options
    const deadline = startDeadline(timeoutMs, options.signal)
    const { signal, end } = deadline
    const url = base + tool
    const body = JSON.stringify(input ?? {})
    try {
      for (let count = 1; ; count++) {
        const headers = new Headers({ 'content-type': 'application/json', accept, ...client.headers, ...options.headers })
        if (idempotencyKey !== undefined) headers.set('idempotency-key', idempotencyKey)
        const attempt: Attempt = { tool, url, headers, body, attempt: count }
        try {
          signal.throwIfAborted()
          const response = await sendOnce(attempt, signal)
          return await read({ response, failure: (cause) => failureOf(cause, signal, url), end })
        } catch (error) {
          const delayMs = isDatafaceError(error) && count <= retries ? delayBefore(error, count, repeatable) : undefined
          if (delayMs === undefined || delayMs >= deadline.leftMs()) throw error
          await hooks.onRetry?.(attempt, error as DatafaceError, delayMs)
          await sleep(delayMs, signal)
        }
      }
    } catch (error) {
      end()
      throw error
    }
  }

  return {
    call: (tool, input, options = {}) =>
      send(tool, input, 'application/json', options, async (opened) => {
        const answer = await readAnswer(opened)
        opened.end()
        return answer
      }),
    open: (tool, input, accept, options = {}) =>
      send(tool, input, accept, options, async (opened) => {
        const { response } = opened
        if (response.ok && (response.headers.get('content-type') ?? '').startsWith(accept)) return opened
        await readAnswer(opened)
        throw badResponse(response, 'This tool has no such stream.')
      }),
  }
}

/** The answer of a response. Throws the error that it holds. */
const readAnswer = async ({ response, failure }: Opened): Promise<Answer<unknown>> => {
  const text = await response.text().catch((cause: unknown) => {
    throw failure(cause)
  })
  return answerOf(readJson(text), response)
}

/** A text as JSON, or itself where it is none. */
export const readJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The answer that an envelope holds. Throws when it is that of a failure, or none. */
export const answerOf = (body: unknown, response: Response): Answer<unknown> => {
  const envelope = (body ?? {}) as Partial<Answer<unknown>> & { success?: unknown; errors?: ErrorItem[] }
  if (envelope.success === true && envelope.data)
    return { data: envelope.data, warnings: envelope.warnings ?? [], meta: envelope.meta as Meta, response }
  const { status, headers } = response
  const first = envelope.errors?.[0]
  if (envelope.success !== false || typeof first?.code !== 'string')
    throw badResponse(
      response,
      `The answer with status ${status} is not one of a Dataface server: ${JSON.stringify(body).slice(0, 200)}`,
      body,
    )
  throw new DatafaceError(first.message, {
    ...first,
    retryAfterMs: first.retry_after_ms ?? askedWait(headers),
    requestId: envelope.meta?.request_id,
    status,
    headers,
    errors: envelope.errors,
    body,
  })
}

const badResponse = ({ status, headers }: Response, message: string, body?: unknown): DatafaceError =>
  new DatafaceError(message, {
    code: 'BAD_RESPONSE',
    hint: 'Check the address, and what stands between it and the server.',
    retryable: retriedStatuses.includes(status),
    retryAfterMs: askedWait(headers),
    requestId: headers.get('x-request-id') ?? undefined,
    status,
    headers,
    body,
  })

/** What to throw when fetch, or a body, failed: the reason of the signal where it was aborted. */
const failureOf = (cause: unknown, signal: AbortSignal, url: string): unknown =>
  signal.aborted
    ? signal.reason
    : new DatafaceError(
        `No whole answer from ${url}: ${cause instanceof Error ? cause.message : cause}`,
        { code: 'CONNECTION_FAILED', hint: 'Check that the server runs and that the address is right.', retryable: true },
        cause,
      )

/** RFC 9110, section 10.2.3: seconds, or a date. Milliseconds where the server gives them. */
const askedWait = (headers: Headers): number | undefined => {
  const milliseconds = headers.get('retry-after-ms')
  const text = headers.get('retry-after')
  const wait = milliseconds !== null ? Number(milliseconds) : text === null ? Number.NaN : Number(text) * 1000
  if (wait >= 0) return wait
  const until = Date.parse(text ?? '') - Date.now()
  return Number.isNaN(until) ? undefined : Math.max(0, until)
}

/** Milliseconds to wait before the next attempt; undefined when there is to be none. */
const delayBefore = ({ retryable, status, code, retryAfterMs }: DatafaceError, count: number, repeatable: boolean): number | undefined => {
  // Without an answer nobody knows whether the call had its effect.
  if (!retryable || code === 'DEADLINE_EXCEEDED' || (status === undefined && !repeatable)) return undefined
  if (retryAfterMs === undefined) return Math.min(8000, 500 * 2 ** (count - 1)) * (0.5 + Math.random() / 2)
  return retryAfterMs > longestWaitMs ? undefined : retryAfterMs + Math.random() * Math.min(1000, retryAfterMs / 4)
}

/** A signal that aborts when the time is over or the caller's does. */
const startDeadline = (timeoutMs: number, caller: AbortSignal | undefined) => {
  const controller = new AbortController()
  const start = Date.now()
  const abort = (): void => controller.abort(caller?.reason)
  if (caller?.aborted) abort()
  caller?.addEventListener('abort', abort)
  const expire = (): void =>
    controller.abort(
      new DatafaceError(`The call took longer than its ${timeoutMs} ms.`, {
        code: 'DEADLINE_EXCEEDED',
        hint: 'Give it more time with `timeoutMs`, or ask for less.',
        retryable: true,
      }),
    )
  const timer = timeoutMs > longestTimerMs ? undefined : setTimeout(expire, timeoutMs)
  return {
    signal: controller.signal,
    leftMs: () => start + timeoutMs - Date.now(),
    end() {
      clearTimeout(timer)
      caller?.removeEventListener('abort', abort)
    },
  }
}

const sleep = (delayMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop)
      resolve()
    }, delayMs)
    signal.addEventListener('abort', stop)
  })
