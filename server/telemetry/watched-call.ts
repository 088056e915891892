import { redactSql } from '../audit/redact-sql.ts'
import type { Envelope } from '../envelope/envelope.ts'
import { Fault } from '../envelope/fault.ts'
import type { QueryWatch } from '../sources/query-watch.ts'
import type { Source } from '../sources/source.ts'
import type { CallOrigin } from './call-origin.ts'
import type { Instruments } from './instruments.ts'
import type { RecentCalls } from './recent-calls.ts'
import { type TraceContext, traceparentOf } from './trace-context.ts'
import type { Attributes, Span, Tracer } from './tracer.ts'

/** What an answer came to. */
export interface AnswerSize {
  readonly rows: number
  readonly bytes: number
  readonly tokens: number
}

/** A call that was taken. */
export interface TakenCall {
  readonly project: string
  /** A tool that is served, or `unknown`. */
  readonly tool: string
  readonly door: string
  readonly requestId: string
  /** The version of the contracts that it was made for. */
  readonly version: number
  readonly origin?: CallOrigin | undefined
}

/** Calls of one tool. */
export interface CallCounts {
  readonly project: string
  readonly tool: string
  /** Through which they came. */
  readonly doors: Set<string>
  accepted: number
  answered: number
  underWay: number
}

export interface WatchOptions {
  readonly instruments: Instruments
  readonly counts: CallCounts
  readonly recent: RecentCalls
  readonly tracer: Tracer | undefined
}

/** Follows one call from its door to its answer, and counts what becomes of it. */
export class WatchedCall {
  readonly #call: TakenCall
  readonly #options: WatchOptions
  readonly #span: Span | undefined
  readonly #started = performance.now()
  #isOver = false

  constructor(call: TakenCall, options: WatchOptions) {
    this.#call = call
    this.#options = options
    const { instruments, counts, tracer } = options
    instruments.accepted.add(1, call.project, call.tool)
    counts.accepted++
    counts.underWay++
    this.#span = tracer?.start(spanName(call), {
      kind: call.door === 'inside' || call.door === 'cli' ? 'internal' : 'server',
      parent: call.origin?.trace,
      link: call.origin?.httpTrace,
      attributes: () => spanAttributes(call),
    })
  }

  /** The trace that it is a part of: ours where calls are traced, else that of its caller. */
  get trace(): TraceContext | undefined {
    return this.#span?.context ?? this.#call.origin?.trace
  }

  /** Runs the guard, whose verdict is counted. One that could not judge, as for a source that cannot be reached, gives none. */
  async guard<T>(source: string, judge: () => Promise<T>): Promise<T> {
    const started = performance.now()
    const verdict = (name: 'allowed' | 'refused', rule: string): void => {
      this.#options.instruments.verdicts.add(1, this.#call.project, source, name, rule)
      if (this.#span?.isRecorded === true)
        this.#span.set({
          'dataface.guard.verdict': name,
          ...(name === 'refused' && { 'dataface.guard.rule': rule }),
          'dataface.guard.duration_ms': performance.now() - started,
        })
    }
    try {
      const judged = await judge()
      verdict('allowed', 'none')
      return judged
    } catch (error) {
      if (error instanceof Fault && verdictCodes.has(error.code)) verdict('refused', error.details.rule ?? error.code)
      throw error
    }
  }

  /** Follows a query of it. `kind`: of the statement. */
  query({ name: source, dialect }: Pick<Source, 'name' | 'dialect'>, kind: string | undefined, sql: string): QueryWatch {
    const { instruments, tracer } = this.#options
    const asked = performance.now()
    let running: Span | undefined
    let hasTurn = false
    const turn = (waitedMs: number): void => {
      hasTurn = true
      instruments.queueWait.record(waitedMs / 1000, this.#call.project, source)
    }
    return {
      onTurn: (waitedMs) => {
        turn(waitedMs)
        const operation = kind?.toUpperCase() ?? 'QUERY'
        if (this.#span?.isRecorded === true)
          running = tracer?.start(`${operation} ${source}`, {
            kind: 'client',
            parent: this.#span.context,
            attributes: () => ({
              'db.system.name': dialect === 'postgres' ? 'postgresql' : dialect,
              'db.operation.name': operation,
              'db.query.text': redactSql(sql).sql,
              'dataface.source': source,
              'dataface.queue.duration_ms': waitedMs,
            }),
          })
        const trace = running?.context ?? this.trace
        return trace?.isSampled === true ? traceparentOf(trace) : undefined
      },
      onEnd: (error) => {
        if (!hasTurn) turn(performance.now() - asked)
        running?.end(error === undefined ? undefined : typeOf(error))
      },
    }
  }

  /** Why it was refused or failed; each of several. */
  failed(faults: readonly Fault[]): void {
    const { project, tool, requestId } = this.#call
    for (const { code, details } of faults) {
      if (code === 'RATE_LIMITED') this.#options.instruments.limitRefusals.add(1, project, details.limit ?? 'concurrent')
      this.#options.recent.refused({ project, tool, code, rule: details.rule ?? details.limit, requestId })
    }
  }

  /** Its answer leaves. */
  answered(envelope: Envelope, { rows, bytes, tokens }: AnswerSize): void {
    const { project, tool, door, origin } = this.#call
    const { instruments, counts, recent } = this.#options
    const code = envelope.success ? 'OK' : envelope.errors[0].code
    const seconds = (performance.now() - this.#started) / 1000
    counts.answered++
    instruments.answered.add(1, project, tool, door, code)
    instruments.duration.record(seconds, project, tool, door)
    if (origin?.mcp !== undefined)
      instruments.mcpDuration.record(seconds, project, origin.mcp.method, tool, envelope.success ? '' : 'tool_error')
    if (code === 'QUERY_TIMEOUT') instruments.timeouts.add(1, project, tool)
    if (code === 'CANCELLED') instruments.cancels.add(1, project, tool)
    // What a tool asks of another is a part of its own answer.
    if (door !== 'inside') {
      instruments.rows.add(rows, project, tool)
      instruments.bytes.add(bytes, project, tool)
      instruments.tokens.add(tokens, project, tool)
      recent.answered(this.#call, code, seconds)
    }
    if (this.#span?.isRecorded !== true) return
    const { contract, source } = envelope.meta
    this.#span.set({
      'dataface.contract': contract,
      'dataface.code': code,
      'dataface.rows': rows,
      'dataface.bytes': bytes,
      ...(source !== undefined && { 'dataface.source': source }),
    })
    this.#span.end(envelope.success ? undefined : origin?.mcp === undefined ? code : 'tool_error')
  }

  /** It is over, whether its answer left or not. Idempotent. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.counts.underWay--
  }
}

/** What says something of a statement, not of whether it could be judged. */
const verdictCodes: ReadonlySet<string> = new Set(['SQL_REJECTED', 'SQL_ERROR', 'TABLE_NOT_FOUND'])

const typeOf = (error: unknown): string => (error instanceof Fault ? error.code : 'error')

const spanName = ({ tool, origin }: TakenCall): string => `${origin?.mcp?.method ?? 'execute_tool'} ${tool}`

/** By the conventions for MCP and GenAI; see docs/telemetry.md. */
const spanAttributes = ({ project, tool, door, requestId, origin }: TakenCall): Attributes => ({
  'gen_ai.tool.name': tool,
  ...((origin?.mcp?.method ?? 'tools/call') === 'tools/call' && { 'gen_ai.operation.name': 'execute_tool' }),
  'dataface.project': project,
  'dataface.door': door,
  'dataface.request_id': requestId,
  ...(origin?.mcp !== undefined && {
    'mcp.method.name': origin.mcp.method,
    'network.transport': origin.mcp.transport === 'http' ? 'tcp' : 'pipe',
    ...(origin.mcp.transport === 'http' && { 'network.protocol.name': 'http' }),
    ...(origin.mcp.requestId !== undefined && { 'jsonrpc.request.id': String(origin.mcp.requestId).slice(0, 100) }),
    ...(origin.mcp.protocolVersion !== undefined && { 'mcp.protocol.version': origin.mcp.protocolVersion }),
  }),
})
