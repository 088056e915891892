import { randomUUID } from 'node:crypto'
import type { Deprecation, Reading } from '../../contracts/define-contract.ts'
import type { Warning } from '../../contracts/v1/envelope.ts'
import type { Envelope } from '../envelope/envelope.ts'
import { errorItem, Fault, Faults, tellWarnings } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { checkReadOnly } from '../guards/read-only.ts'
import { listSourceNames, resolveSource } from '../guards/source-access.ts'
import type { Log } from '../operations/log.ts'
import type { OpenSource, Project } from '../projects/project.ts'
import { withinTime } from '../sources/within-time.ts'
import type { Call, Dispatch, DispatchStream, HandlerResult } from './call.ts'
import type { Cursors } from './cursors.ts'
import type { ServedTool, ToolContext } from './define-handler.ts'
import { faultLevels } from './fault-levels.ts'
import { type LoadedVersion, loadVersion, type ToolVersion, unknownVersion, versionsOf } from './load-version.ts'
import { startTicker } from './progress.ts'

export interface Dispatcher {
  readonly dispatch: Dispatch
  readonly stream: DispatchStream
  /** The answer to something that was no call: undecodable, too large, not served. `tool` and `version` as the caller wrote them. */
  refuse(tool: string | undefined, fault: Fault, version?: number): Envelope
  /** The fault of a call to a tool that is not served, with the nearest name. */
  unknownTool(name: string): Fault
  /** Names that are listed, in the order of the catalog. */
  readonly toolNames: readonly string[]
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
}

interface Entry {
  readonly tool: ServedTool
  /** The newest first. */
  readonly versions: readonly ToolVersion[]
  /** Those that were called. */
  readonly loaded: Map<ToolVersion, LoadedVersion>
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
export const createDispatcher = ({ project, tools, cursors, log }: DispatcherOptions): Dispatcher => {
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

  const unknownTool = (name: string): Fault => {
    const near = nearestName(name, toolNames)
    return new Fault('UNKNOWN_TOOL', `No tool is named "${name.slice(0, 100)}".`, {
      hint: near === undefined ? `Tools: ${toolNames.join(', ')}.` : `Did you mean "${near}"?`,
    })
  }

  const fail = (faults: readonly Fault[], label: string, requestId: string, started: number, source?: string): Envelope => ({
    success: false,
    errors: faults.map(errorItem) as unknown as [ReturnType<typeof errorItem>],
    warnings: [],
    meta: {
      request_id: requestId,
      contract: label,
      project: project.name,
      ...(source !== undefined && { source }),
      timing_ms: elapsedMs(started),
    },
  })

  /** Validates and guards a call; what is left is for its handler. */
  const admit = async (
    tool: LoadedVersion,
    call: Call,
    requestId: string,
    progress?: ToolContext['progress'],
  ): Promise<{ input: Record<string, unknown>; context: ToolContext }> => {
    const input = tool.checkInput(call.input)
    const { signal } = call
    signal.throwIfAborted()

    const source = typeof input.source === 'string' ? resolveSource(project, input.source) : undefined
    const statement =
      source !== undefined && typeof input.sql === 'string' ? await judge(source, input.sql, input.timeout_ms, signal) : undefined

    const context: ToolContext = {
      signal,
      requestId,
      caller: call.caller,
      progress,
      call: (tool, inner, own = signal) => dispatch({ tool, input: inner, door: 'inside', caller: call.caller, signal: own }),
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
    call: Call,
    requestId: string,
    run: (input: Record<string, unknown>, context: ToolContext) => Promise<T>,
    progress?: ToolContext['progress'],
  ): Promise<{ result: T; context: ToolContext }> => {
    const first = await admit(tool, call, requestId, progress)
    try {
      return { result: await run(first.input, first.context), context: first.context }
    } catch (error) {
      if (!(await isChanged(error, first.context))) throw error
      const { input, context } = await admit(tool, call, requestId, progress)
      return { result: await run(input, context), context }
    }
  }

  const succeed = (tool: LoadedVersion, { source, requestId }: ToolContext, result: HandlerResult, started: number): Envelope => {
    const data = tool.checkOutput(result.data)
    const known = sourceWarnings(project, source)
    const lasting = tool.deprecated === undefined ? known : [...known, ...deprecationWarnings(tool)]
    return {
      success: true,
      data,
      warnings: tellWarnings([...(result.warnings ?? []), ...lasting]),
      meta: {
        request_id: requestId,
        contract: tool.label,
        project: project.name,
        ...(source !== undefined && { source: source.source.name }),
        ...(result.schema !== undefined && { schema: result.schema }),
        timing_ms: elapsedMs(started),
      },
    }
  }

  /** What the caller may see of anything that was thrown. The rest goes to the log under the request id. */
  const faultsOf = (error: unknown, call: Call, label: string, requestId: string): readonly Fault[] => {
    const about = { request_id: requestId, contract: label, door: call.door }
    const known = error instanceof Faults ? error.list : error instanceof Fault ? [error] : undefined
    if (known !== undefined) {
      for (const { code, message, cause, details } of known)
        log(faultLevels[code], message, { ...about, code, operator_hint: details.operatorHint, cause })
      return known
    }
    if (call.signal.aborted) return [new Fault('CANCELLED', 'The call was cancelled.')]
    log('error', 'A call failed for a fault of ours.', { ...about, error })
    return [new Fault('INTERNAL_ERROR', 'The server could not answer this call.', { hint: 'Report meta.request_id to the operator.' })]
  }

  /** What is called, or why nothing is. */
  const find = ({ tool, version }: Pick<Call, 'tool' | 'version'>): { readonly entry: Entry; readonly version: ToolVersion } | Fault => {
    const entry = entries.get(tool)
    if (entry === undefined) return unknownTool(tool)
    const found = versionFor(entry, version)
    return found instanceof Fault ? found : { entry, version: found }
  }

  /** The envelope of anything that was thrown. */
  const failed = (error: unknown, tool: LoadedVersion | ToolVersion, call: Call, requestId: string, started: number): Envelope => {
    const input = call.input as { source?: unknown } | null | undefined
    const named = typeof input?.source === 'string' && project.sources.has(input.source) ? input.source : undefined
    const faults = faultsOf(error, call, tool.label, requestId)
    return fail('faultOf' in tool ? faults.map(tool.faultOf) : faults, tool.label, requestId, started, named)
  }

  const dispatch: Dispatch = async (call) => {
    const started = performance.now()
    const requestId = randomUUID()
    const found = find(call)
    if (found instanceof Fault) return fail([found], 'unknown', requestId, started)
    const { entry, version } = found
    const ticker = call.onProgress && startTicker(call.onProgress)
    try {
      const tool = entry.loaded.get(version) ?? (await load(entry, version, project))
      const run = (input: Record<string, unknown>, context: ToolContext) => tool.handler.run(input, context)
      const { result, context } = await answer(tool, call, requestId, run, ticker?.tell)
      return succeed(tool, context, result, started)
    } catch (error) {
      return failed(error, entry.loaded.get(version) ?? version, call, requestId, started)
    } finally {
      ticker?.stop()
    }
  }

  return {
    toolNames,
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
      const found = tool === undefined ? fault : find({ tool, version })
      return fail([fault], found instanceof Fault ? 'unknown' : found.version.label, randomUUID(), performance.now())
    },
    async stream(given) {
      const started = performance.now()
      const requestId = randomUUID()
      const found = find(given)
      if (found instanceof Fault) return fail([found], 'unknown', requestId, started)
      const { entry, version } = found
      const gone = new AbortController()
      const call = { ...given, signal: AbortSignal.any([given.signal, gone.signal]) }
      try {
        const tool = entry.loaded.get(version) ?? (await load(entry, version, project))
        if (tool.handler.stream === undefined)
          throw new Fault('VALIDATION_ERROR', 'This tool has no stream of rows.', { hint: 'Ask for application/json.' })
        const { stream } = tool.handler
        const { result, context } = await answer(tool, call, requestId, (input, context) => stream(input, context))
        const { rows, finish } = result
        return {
          requestId,
          columns: rows.columns,
          async read() {
            try {
              const next = await rows.read()
              return 'end' in next ? succeed(tool, context, finish(next.end), started) : next
            } catch (error) {
              return failed(error, tool, call, requestId, started)
            }
          },
          fail(error) {
            const envelope = failed(error, tool, call, requestId, started)
            gone.abort()
            return envelope
          },
          close: () => gone.abort(),
        }
      } catch (error) {
        return failed(error, entry.loaded.get(version) ?? version, call, requestId, started)
      }
    },
  }
}

/** A version that will go, and what to ask for instead. */
export interface DeprecatedVersion extends Deprecation {
  readonly tool: string
  readonly version: number
  /** The newest version of the tool. */
  readonly newest: number
}

/** Whether an error says that the metadata of the source is not that of its database any more, which is then read anew. */
const isChanged = async (error: unknown, { source, statement, signal }: ToolContext): Promise<boolean> => {
  if (!(error instanceof Fault) || source === undefined || statement?.basis === undefined) return false
  if (error.details.isStale === true) {
    await source.catalog.readAnew(signal)
    return true
  }
  if (error.code !== 'PERMISSION_DENIED') return false
  const { version } = await source.catalog.read(signal)
  return (await source.catalog.readAfterMiss(signal)).version !== version
}

/** Judges a statement. A source that must be reached for it over a network has no more time than the query. */
const judge = async (source: OpenSource, sql: string, timeoutMs: unknown, signal: AbortSignal) => {
  if (source.source.isRemote !== true || source.catalog.known !== undefined || typeof timeoutMs !== 'number')
    return checkReadOnly(source, sql, signal)
  return withinTime(source.source.name, timeoutMs, signal, (bounded) => checkReadOnly(source, sql, bounded))
}

/** That the version which answered will go. */
const deprecationWarnings = ({ label, deprecated }: ToolVersion): readonly Warning[] => {
  if (deprecated === undefined) return []
  const { sunset, replacement } = deprecated
  const until = sunset === undefined ? 'will go' : `answers until ${sunset}`
  const instead = replacement === undefined ? 'Ask for a later version.' : `Call ${replacement} instead.`
  return [{ code: 'CONTRACT_DEPRECATED', message: `${label} ${until}. ${instead}` }]
}

/** What must be known of the sources that an answer may draw on. */
const sourceWarnings = (project: Project, source: OpenSource | undefined): readonly Warning[] =>
  source !== undefined ? source.source.warnings : [...project.sources.values()].flatMap((entry) => entry.source.warnings)

/** Milliseconds since `started`, to the microsecond. */
const elapsedMs = (started: number): number => Math.round((performance.now() - started) * 1000) / 1000
