import { randomUUID } from 'node:crypto'
import type { Reading } from '../../contracts/define-contract.ts'
import { type Caller, localCaller } from '../access/caller.ts'
import { mayCall, outOfScope } from '../access/scope.ts'
import type { Envelope } from '../envelope/envelope.ts'
import { errorItem, Fault, Faults, tellWarnings } from '../envelope/fault.ts'
import { toThousandths } from '../envelope/to-thousandths.ts'
import { listSourceNames, resolveSource } from '../guards/source-access.ts'
import type { Log } from '../operations/log.ts'
import type { Project } from '../projects/project.ts'
import type { Usage } from '../quotas/quota-store.ts'
import type { Admitted } from '../quotas/quotas.ts'
import type { JudgedStatement } from '../sources/source.ts'
import { areCallsTogether, beginCall, endCall } from '../sources/stream-turns.ts'
import type { Telemetry } from '../telemetry/telemetry.ts'
import type { WatchedCall } from '../telemetry/watched-call.ts'
import { type AboutAnswer, createAccounts } from './account-calls.ts'
import type { Call, Dispatch, DispatchStream, HandlerResult } from './call.ts'
import { cancelled, loggedMessage, noSuchTool, ourFault } from './call-faults.ts'
import type { Cursors } from './cursors.ts'
import type { ServedTool, ToolContext } from './define-handler.ts'
import { endOfTurn } from './end-of-turn.ts'
import { faultLevels } from './fault-levels.ts'
import { isChanged, judgeSql } from './judge-sql.ts'
import { deprecationWarnings, lastingWarnings } from './lasting-warnings.ts'
import { type DeprecatedVersion, type LoadedVersion, loadVersion, type ToolVersion, unknownVersion, versionsOf } from './load-version.ts'
import { startTicker } from './progress.ts'
import { openStreamAnswer } from './stream-answer.ts'

export interface Dispatcher {
  readonly dispatch: Dispatch
  readonly stream: DispatchStream
  /** The answer to something that was no call: undecodable, too large, not served. `tool` and `version` as the caller wrote them. */
  refuse(tool: string | undefined, fault: Fault, version?: number): Envelope
  /** The fault of a call to a tool that is not served, with the nearest name of those that the caller may call. */
  unknownTool(name: string, caller: Caller): Fault
  /** Names that are listed, in the order of the catalog. */
  readonly toolNames: readonly string[]
  /** Those of them that a caller may call. */
  toolNamesFor(caller: Caller): readonly string[]
  /** Why a caller may not call a tool, by name or alias; undefined when it may, and for a tool that is not served. */
  refusalOf(caller: Caller, tool: string): Fault | undefined
  /** Other names that are accepted and not listed. */
  readonly aliases: readonly string[]
  /** Names and aliases of the tools whose rows can be streamed. */
  readonly streamNames: ReadonlySet<string>
  /** The tool that a name or an alias means. */
  resolveName(name: string): string | undefined
  /** What of the answers of a contract, as `meta.contract` names it, is read as it is, not as JSON. */
  readingOf(contract: string): Reading | undefined
  /** The versions of the contracts that a call can ask for, the oldest first. */
  readonly versions: readonly number[]
  /** That a contract, as `meta.contract` names it, will go, and the version that stays; undefined for one that stays. */
  deprecationOf(contract: string): DeprecatedVersion | undefined
}

export interface DispatcherOptions {
  readonly project: Project
  readonly tools: readonly ServedTool[]
  readonly cursors: Cursors
  readonly log: Log
  /** Follows every call. Default: nobody does. */
  readonly telemetry?: Telemetry | undefined
}

/** A call on its way, and what follows it. */
interface Run {
  readonly call: Call
  readonly requestId: string
  /** By the clock of `performance`. */
  readonly started: number
  readonly watch: WatchedCall | undefined
}

interface Entry {
  readonly tool: ServedTool
  /** The newest first. */
  readonly versions: readonly ToolVersion[]
  /** Those that were called. */
  readonly loaded: Map<ToolVersion, LoadedVersion>
}

/** What is called. */
interface Found {
  readonly entry: Entry
  readonly version: ToolVersion
}

const load = async (entry: Entry, version: ToolVersion, project: Project): Promise<LoadedVersion> => {
  const loaded = await loadVersion(entry.tool, version, (argument) => (argument === 'source' ? listSourceNames(project) : undefined))
  entry.loaded.set(version, loaded)
  return loaded
}

/**
 * The one place that validates, guards, runs and catches: every call of every door comes through here, and every
 * answer leaves as an envelope. See docs/follow-a-call.md.
 */
export const createDispatcher = ({ project, tools, cursors, log, telemetry }: DispatcherOptions): Dispatcher => {
  const accounts = createAccounts({ quotas: project.quotas, audit: project.audit })
  const entries = new Map<string, Entry>()
  for (const tool of tools) {
    const entry: Entry = { tool, versions: versionsOf(tool), loaded: new Map() }
    for (const name of [tool.name, ...tool.aliases]) entries.set(name, entry)
  }
  const toolNames = tools.map(({ name }) => name)
  const served = new Map([...entries.values()].flatMap(({ versions }) => versions).map((version) => [version.label, version]))
  const versions = [...new Set([...served.values()].map(({ major }) => major))].sort((a, b) => a - b)

  /** The version of a tool that a call asks for, the newest that is no newer, or why there is none. */
  const versionFor = ({ tool, versions: own }: Entry, wanted: number | undefined): ToolVersion | Fault => {
    const [newest] = own as [ToolVersion]
    if (wanted === undefined) return newest
    if (!versions.includes(wanted)) return unknownVersion(versions, 'version')
    return (
      own.find(({ major }) => major <= wanted) ??
      new Fault('UNKNOWN_TOOL', `"${tool.name}" came with version ${own.at(-1)?.major}.`, { hint: `Ask for version ${newest.major}.` })
    )
  }

  const toolNamesFor = (caller: Caller): readonly string[] => tools.filter((tool) => mayCall(caller, tool)).map(({ name }) => name)
  const unknownTool = (name: string, caller: Caller): Fault => noSuchTool(name, toolNamesFor(caller))

  const fail = (faults: readonly Fault[], label: string, requestId: string, started: number, source?: string): Envelope => ({
    success: false,
    errors: faults.map(errorItem) as unknown as [ReturnType<typeof errorItem>],
    warnings: [...deprecationWarnings(served.get(label))],
    meta: {
      request_id: requestId,
      contract: label,
      // Who is not known is not told what is here.
      project: faults.some(({ code }) => code === 'UNAUTHENTICATED') ? 'unknown' : project.name,
      ...(source !== undefined && { source }),
      timing_ms: toThousandths(performance.now() - started),
      ...(faults[0]?.details.quota !== undefined && { quota: faults[0].details.quota }),
    },
  })

  /** Validates and guards a call; what is left is for its handler. */
  const admit = async (
    tool: LoadedVersion,
    { call, requestId, watch }: Run,
    progress?: ToolContext['progress'],
  ): Promise<{ input: Record<string, unknown>; context: ToolContext }> => {
    const input = tool.checkInput(call.input)
    const { signal } = call
    signal.throwIfAborted()

    const source = typeof input.source === 'string' ? resolveSource(project, input.source) : undefined
    const { sql } = input
    let statement: JudgedStatement | undefined
    if (source !== undefined && typeof sql === 'string') {
      const judge = () => judgeSql(source, sql, input.timeout_ms, signal)
      statement = await (watch === undefined ? judge() : watch.guard(source.source.name, judge))
    }

    const context: ToolContext = {
      signal,
      requestId,
      caller: call.caller,
      progress,
      watchQuery: () => source && watch?.query(source.source, statement?.kind, String(sql)),
      call: (tool, inner, own = signal) =>
        dispatch({
          tool,
          input: inner,
          door: 'inside',
          caller: call.caller,
          parent: requestId,
          origin: watch && { trace: watch.trace },
          signal: own,
        }),
      project,
      cursors,
      source,
      statement,
    }
    return { input, context }
  }

  /**
   * Admits a call and runs it. When tables of its source were found to be changed since it was judged, or closed to the
   * login, it is judged anew upon what is there now.
   */
  const answer = async <T>(
    tool: LoadedVersion,
    asked: Run,
    run: (input: Record<string, unknown>, context: ToolContext) => Promise<T>,
    progress?: ToolContext['progress'],
  ): Promise<{ result: T; context: ToolContext }> => {
    const first = await admit(tool, asked, progress)
    try {
      return { result: await run(first.input, first.context), context: first.context }
    } catch (error) {
      if (!(await isChanged(error, first.context))) throw error
      const { input, context } = await admit(tool, asked, progress)
      return { result: await run(input, context), context }
    }
  }

  const succeed = (tool: LoadedVersion, { source, requestId }: ToolContext, result: HandlerResult, started: number): Envelope => {
    const data = tool.checkOutput(result.data)
    return {
      success: true,
      data,
      warnings: tellWarnings([...(result.warnings ?? []), ...lastingWarnings(tool, project, source)]),
      meta: {
        request_id: requestId,
        contract: tool.label,
        project: project.name,
        ...(source !== undefined && { source: source.source.name }),
        ...(result.schema !== undefined && { schema: result.schema }),
        timing_ms: toThousandths(performance.now() - started),
      },
    }
  }

  /** What the caller may see of anything that was thrown. The rest goes to the log under the request id. */
  const faultsOf = (error: unknown, { call, requestId, watch }: Run, label: string): readonly Fault[] => {
    const about = {
      request_id: requestId,
      trace_id: watch?.trace?.traceId,
      project: project.name,
      tool: entries.get(call.tool)?.tool.name,
      contract: label,
      door: call.door,
    }
    const known = error instanceof Faults ? error.list : error instanceof Fault ? [error] : undefined
    for (const fault of known ?? []) {
      const { code, cause, details } = fault
      log(faultLevels[code], loggedMessage(fault), { ...about, code, operator_hint: details.operatorHint, cause })
    }
    if (known === undefined && !call.signal.aborted) log('error', 'A call failed for a fault of ours.', { ...about, error })
    const faults = known ?? [call.signal.aborted ? cancelled() : ourFault()]
    watch?.failed(faults)
    return faults
  }

  const refusalOf = (caller: Caller, name: string): Fault | undefined => {
    const tool = entries.get(name)?.tool
    return tool === undefined || mayCall(caller, tool) ? undefined : outOfScope(tool)
  }

  /** What is called, or why nothing is. */
  const find = ({ tool, version, caller }: Pick<Call, 'tool' | 'version' | 'caller'>): Found | Fault => {
    const entry = entries.get(tool)
    if (entry === undefined) return unknownTool(tool, caller)
    const found = versionFor(entry, version)
    return found instanceof Fault ? found : { entry, version: found }
  }

  /** Throws PERMISSION_DENIED. What a tool calls in its turn is a part of it. */
  const authorize = ({ caller, tool, within = tool, door }: Call): void => {
    const refusal = door === 'inside' ? undefined : refusalOf(caller, within)
    if (refusal !== undefined) throw refusal
  }

  /** The envelope of anything that was thrown. */
  const failed = (error: unknown, tool: LoadedVersion | ToolVersion, run: Run): Envelope => {
    const input = run.call.input as { source?: unknown } | null | undefined
    const named = typeof input?.source === 'string' && project.sources.has(input.source) ? input.source : undefined
    const faults = faultsOf(error, run, tool.label)
    return fail('faultOf' in tool ? faults.map(tool.faultOf) : faults, tool.label, run.requestId, run.started, named)
  }

  /** Takes a call. Whoever does must end its watch. */
  const take = (call: Call, found: Found | Fault): Run => {
    const requestId = randomUUID()
    const { version, door, origin } = call
    const tool = found instanceof Fault ? 'unknown' : found.entry.tool.name
    const newest = versions.at(-1) ?? 1
    const asked = version !== undefined && versions.includes(version) ? version : newest
    const watch = telemetry?.take({ project: project.name, tool, door, requestId, version: asked, origin })
    return { call, requestId, started: performance.now(), watch }
  }

  /** Lets a call in. Throws PERMISSION_DENIED, RATE_LIMITED, NOT_READY, or the signal's reason. */
  const enter = async (call: Call, tool: string): Promise<Admitted | undefined> => {
    authorize(call)
    // Who has gone takes nothing, and is refused nothing.
    call.signal.throwIfAborted()
    return accounts.enter(call, tool)
  }

  /** The answer as it may leave, or why none may. */
  const leave = async (run: Run, envelope: Envelope, about: AboutAnswer = {}): Promise<Envelope> => {
    const { call, watch, requestId, started } = run
    const { contract, source } = envelope.meta
    const failed = (error: unknown): Envelope => fail(faultsOf(error, run, contract), contract, requestId, started, source)
    // Queries that waited for a session of those that ended go out before answers are made. A call that is alone waits for none.
    if (areCallsTogether()) await endOfTurn()
    const left = await accounts.leave({ call, traceId: watch?.trace?.traceId }, { envelope, about, failed })
    watch?.answered(left.envelope, left.usage)
    return left.envelope
  }

  const refuseUnknown = (run: Run, fault: Fault): Promise<Envelope> => {
    run.watch?.failed([fault])
    return leave(run, fail([fault], 'unknown', run.requestId, run.started))
  }

  const dispatch: Dispatch = async (call) => {
    const found = find(call)
    const run = take(call, found)
    beginCall()
    try {
      return await (found instanceof Fault ? refuseUnknown(run, found) : runCall(run, found))
    } finally {
      run.watch?.end()
      endCall()
    }
  }

  const runCall = async (run: Run, { entry, version }: Found): Promise<Envelope> => {
    const { call, started } = run
    const ticker = call.onProgress && startTicker(call.onProgress)
    let admitted: Admitted | undefined
    let envelope: Envelope
    let rows: number | undefined
    try {
      admitted = await enter(call, entry.tool.name)
      const tool = entry.loaded.get(version) ?? (await load(entry, version, project))
      const handle = (input: Record<string, unknown>, context: ToolContext) => tool.handler.run(input, context)
      const { result, context } = await answer(tool, run, handle, ticker?.tell)
      envelope = succeed(tool, context, result, started)
      rows = result.rows
    } catch (error) {
      envelope = failed(error, entry.loaded.get(version) ?? version, run)
    } finally {
      ticker?.stop()
    }
    return leave(run, envelope, { admitted, rows, isDone: !entry.tool.readOnly })
  }

  return {
    toolNames,
    toolNamesFor,
    refusalOf,
    unknownTool,
    dispatch,
    versions,
    aliases: [...entries.keys()].filter((name) => !toolNames.includes(name)),
    streamNames: new Set([...entries].filter(([, { tool }]) => tool.streams).map(([name]) => name)),
    resolveName: (name) => entries.get(name)?.tool.name,
    readingOf(contract) {
      const version = served.get(contract)
      return version && entries.get(version.tool)?.loaded.get(version)?.reading
    },
    deprecationOf(contract) {
      const version = served.get(contract)
      const newest = version && entries.get(version.tool)?.versions[0]
      return version?.deprecated && newest && { ...version.deprecated, tool: version.tool, version: version.major, newest: newest.major }
    },
    refuse(tool, fault, version) {
      const found = tool === undefined ? fault : find({ tool, version, caller: localCaller })
      const requestId = randomUUID()
      telemetry?.refused(project.name, found instanceof Fault ? 'unknown' : found.entry.tool.name, fault, requestId)
      return fail([fault], found instanceof Fault ? 'unknown' : found.version.label, requestId, performance.now())
    },
    async stream(given) {
      const found = find(given)
      const gone = new AbortController()
      const run = take({ ...given, signal: AbortSignal.any([given.signal, gone.signal]) }, found)
      const { call, requestId, started, watch } = run
      let admitted: Admitted | undefined
      /** The last that is heard of the call. */
      const over = (envelope: Envelope, usage?: Usage): Promise<Envelope> =>
        leave(run, envelope, { admitted, sent: usage }).finally(() => watch?.end())
      if (found instanceof Fault) return refuseUnknown(run, found).finally(() => watch?.end())
      const { entry, version } = found
      try {
        admitted = await enter(call, entry.tool.name)
        const tool = entry.loaded.get(version) ?? (await load(entry, version, project))
        if (tool.handler.stream === undefined)
          throw new Fault('VALIDATION_ERROR', 'This tool has no stream of rows.', { hint: 'Ask for application/json.' })
        const { stream } = tool.handler
        const { result, context } = await answer(tool, run, (input, context) => stream(input, context))
        const { rows, finish } = result
        // Rows leave before what they come to is known, and none without a record.
        const [source, traceId] = [context.source?.source.name, watch?.trace?.traceId]
        await accounts.begin({ call, traceId }, { requestId, contract: tool.label, source, elapsedMs: performance.now() - started })
        return openStreamAnswer({
          requestId,
          rows,
          gone,
          spend: (usage) => admitted?.spend(usage),
          succeed: (end) => succeed(tool, context, finish(end), started),
          failed: (error) => failed(error, tool, run),
          leave: over,
        })
      } catch (error) {
        const envelope = failed(error, entry.loaded.get(version) ?? version, run)
        // Rows may be open that nobody will read.
        gone.abort()
        return over(envelope)
      }
    },
  }
}
