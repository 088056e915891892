import type { Annotations, Deprecation, Reading } from '../../contracts/define-contract.ts'
import type { ErrorDefinition } from '../../contracts/v1/errors.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model, ToolModel } from '../model.ts'
import { normalise } from './normal-form.ts'

/** What a release promises of one tool, at one major version. */
export interface ReleasedTool {
  readonly name: string
  readonly version: string
  readonly title: string
  readonly description: string
  /** In normal form, as a caller may write it: a key with a default is optional. */
  readonly input: JsonSchema
  /** In normal form, as a caller may read it. */
  readonly output: JsonSchema
  readonly errors: readonly string[]
  readonly annotations: Annotations
  readonly aliases: readonly string[]
  /** In which forms it answers. */
  readonly answers: readonly ('once' | 'stream')[]
  /** What of an answer models are given to read; absent: all of it as JSON. */
  readonly reading?: Reading
  /** How it is called over HTTP. */
  readonly http: { readonly method: string; readonly path: string; readonly operationId: string; readonly status: number }
  /** Headers that an answer over HTTP always has. */
  readonly headers: readonly string[]
  readonly pagination: 'cursor' | 'offset' | 'none'
  readonly deprecated?: Partial<Deprecation>
  /** Absent: the server. */
  readonly executedBy?: 'host'
  readonly promises?: Promises
}

/** What no schema shows and no contract of ours states yet; judged where a lock holds it. */
export interface Promises {
  /** Default `stable`. */
  readonly stability?: 'stable' | 'beta' | 'experimental'
  /** Rights that a caller needs. */
  readonly scopes?: readonly string[]
  /** Defaults, page sizes, caps, timeouts, rates; less of them is a smaller answer. */
  readonly limits?: Readonly<Record<string, number>>
  /** What a call may hold at most beyond its schema: nesting, bytes. More is refused. */
  readonly bounds?: Readonly<Record<string, number>>
  /** By what results are ordered when nothing is asked. */
  readonly ordering?: string
  /** Unit, time zone, currency or other meaning, by dotted field. */
  readonly meanings?: Readonly<Record<string, string>>
  /** Which fields of an answer are more than public. */
  readonly sensitivity?: Readonly<Record<string, 'internal' | 'personal'>>
  /** What is done to a value before it is checked, by dotted field. */
  readonly coercions?: Readonly<Record<string, string>>
  /** Whether the transforms from the major version before take every input, and give back what they were given. */
  readonly transform?: { readonly total: boolean; readonly roundTrip: boolean }
}

/** Something of a contract that a surface cannot say in its schema. */
export interface Loss {
  readonly surface: string
  readonly tool: string
  /** Dotted field and what is lost: `input.limit maximum`. */
  readonly what: string
}

/** A generated client as its users see it. */
export interface ReleasedClient {
  /** What programs name of it; of what is called, with the arguments that must be given. */
  readonly names: readonly string[]
  /** Runtime, module format and peers, as its `package.json` says. */
  readonly needs: Readonly<Record<string, string>>
}

/** What a release promises: the lock, `contracts/released/v1.json`. */
export interface ReleasedModel {
  /** Version of this form. */
  readonly format: typeof lockFormat
  /** Version of the package that was released. */
  readonly release: string
  /** What turned zod into JSON Schema. */
  readonly converter: string
  readonly tools: readonly ReleasedTool[]
  readonly errors: Readonly<Record<string, Pick<ErrorDefinition, 'httpStatus' | 'retryable'>>>
  readonly envelope: Model['envelope']
  /** `dataface.yml`. */
  readonly project: JsonSchema
  /** The language of boards. */
  readonly board: JsonSchema
  readonly losses: readonly Loss[]
  /** Tokens of each tool as a function definition, by name. */
  readonly tokens: Readonly<Record<string, number>>
  readonly clients: Readonly<Record<string, ReleasedClient>>
  /** A digest of what is written for each surface. */
  readonly surfaces: Readonly<Record<string, string>>
  /** Names that were released and removed: a tool, or a field of one. They are not used again. */
  readonly removed: readonly { readonly tool: string; readonly field: string }[]
}

export const lockFormat = 2

/** What the release says beside the model. */
export type ReleaseFacts = Pick<ReleasedModel, 'release' | 'converter' | 'losses' | 'tokens' | 'clients' | 'surfaces' | 'removed'>

/** The promise of a model, without examples and what else may change freely. */
export const releasedModel = (
  { tools, earlier, hostTools, errors, envelope, project, board }: Model,
  facts: ReleaseFacts = noFacts,
): ReleasedModel => ({
  format: lockFormat,
  ...facts,
  tools: [...tools, ...earlier, ...hostTools].map(releasedTool),
  errors: Object.fromEntries(Object.entries(errors).map(([code, { httpStatus, retryable }]) => [code, { httpStatus, retryable }])),
  envelope: { warning: normalise(envelope.warning), meta: normalise(envelope.meta), errorItem: normalise(envelope.errorItem) },
  project: normalise(project),
  board: normalise(board.schema),
})

const noFacts: ReleaseFacts = { release: '0.0.0', converter: '', losses: [], tokens: {}, clients: {}, surfaces: {}, removed: [] }

const releasedTool = (tool: ToolModel): ReleasedTool => {
  const { name, version, path, operationId, title, description, errors, annotations, aliases, streams, reading, deprecated, executedBy } =
    tool
  return {
    ...{ name, version, title, description, input: normalise(tool.input), output: normalise(tool.output), errors, annotations, aliases },
    answers: streams ? ['once', 'stream'] : ['once'],
    ...(reading !== undefined && { reading }),
    http: { method: 'POST', path, operationId, status: 200 },
    headers: ['X-Request-Id'],
    pagination: paginationOf(tool),
    ...(deprecated !== undefined && { deprecated }),
    ...(executedBy === 'host' && { executedBy }),
  }
}

/** How pages are asked for, by the arguments of the house. */
const paginationOf = ({ input, output }: ToolModel): ReleasedTool['pagination'] => {
  if (input.properties?.offset !== undefined) return 'offset'
  return input.properties?.cursor !== undefined && output.properties?.next_cursor !== undefined ? 'cursor' : 'none'
}
