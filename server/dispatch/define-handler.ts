import type * as z from 'zod'
import type { Contract, Deprecation, Transform } from '../../contracts/define-contract.ts'
import type { EncodedJson } from '../envelope/encoded-json.ts'
import type { OpenSource, Project } from '../projects/project.ts'
import type { JudgedStatement } from '../sources/source.ts'
import type { CallContext, HandlerResult, HandlerStream } from './call.ts'
import type { Cursors } from './cursors.ts'

/** What a handler is given beside its input. `source` and `statement` were put there by the guards. */
export interface ToolContext<Input = unknown> extends CallContext {
  readonly project: Project
  readonly cursors: Cursors
  /** The source that the input names. */
  readonly source: Input extends { source: string } ? OpenSource : OpenSource | undefined
  /** What the guard saw of the SQL in the input. */
  readonly statement: Input extends { sql: string } ? JudgedStatement : JudgedStatement | undefined
}

/** The output of a contract, where any direct value may have been encoded already. */
export type Encodable<Output> = {
  readonly [Key in keyof Output]: Output[Key] | (undefined extends Output[Key] ? EncodedJson | undefined : EncodedJson)
}

export interface Handler {
  readonly contract: Contract
  run(input: Record<string, unknown>, context: ToolContext): Promise<HandlerResult>
  /** Of a contract that streams. */
  stream?(input: Record<string, unknown>, context: ToolContext): Promise<HandlerStream>
}

/** A tool before anyone called it: its handler, and what checks its messages, is loaded then. */
export interface ServedTool {
  readonly name: string
  readonly version: string
  /** Other names that are accepted and not listed. */
  readonly aliases: readonly string[]
  readonly readOnly: boolean
  /** Whether its rows can be had as a stream. */
  readonly streams: boolean
  load(): Promise<Handler>
  /** Versions before it that are served still, the newest first. */
  readonly earlier?: readonly EarlierVersion[]
}

/** A version of a tool that is answered by the next one. */
export interface EarlierVersion {
  readonly version: string
  readonly deprecated?: Deprecation
  /** Its way to the version after it. */
  load(): Promise<Transform>
}

/** A handler that is there already. */
export const servedTool = (handler: Handler): ServedTool => {
  const { name, version, aliases = [], annotations, streams = false } = handler.contract
  return { name, version, aliases, readOnly: annotations.readOnly, streams, load: async () => handler }
}

/** Binds what a tool does to what it promises; `stream` when its contract streams. */
export const defineHandler = <Name extends string, Input extends z.ZodObject, Output extends z.ZodObject>(
  contract: Contract<Name, Input, Output>,
  run: (
    input: z.output<Input>,
    context: ToolContext<z.output<Input>>,
  ) => Promise<Omit<HandlerResult, 'data'> & { readonly data: Encodable<z.output<Output>> }>,
  stream?: (input: z.output<Input>, context: ToolContext<z.output<Input>>) => Promise<HandlerStream>,
): Handler => ({
  contract: contract as unknown as Contract,
  run: run as unknown as Handler['run'],
  ...(stream !== undefined && { stream: stream as unknown as NonNullable<Handler['stream']> }),
})
