import * as z from 'zod'
import type { ErrorCode } from './v1/errors.ts'

/** What a host may assume of a tool, in the words of MCP's tool annotations. */
export interface Annotations {
  /** Changes nothing. */
  readonly readOnly: boolean
  /** May overwrite or remove something; meaningful only when not read-only. */
  readonly destructive: boolean
  /** The same call twice has the effect of one. */
  readonly idempotent: boolean
  /** Reaches beyond the project's own sources. */
  readonly openWorld: boolean
}

export interface Example<Input, Output> {
  /** Starts with a verb: "Count flights by origin". */
  readonly title: string
  readonly input: Input
  /** The `data` of the answer, run against the demo project by the tests. Figures that vary (times) are given as 0. */
  readonly output: Output
}

/**
 * A part of an output that is read as it is, not as JSON: rows as a table, a document as its own text or picture. A door
 * that can send such a part by itself does; see docs/decisions/0020.
 */
export type Reading =
  | {
      readonly kind: 'table'
      /** Field of the columns; each has a `name`. */
      readonly columns: string
      /** Field of the rows, arrays in the order of the columns; absent when the answer holds `text` instead. */
      readonly rows: string
      /** Field of the rows as one text. */
      readonly text: string
      /** Fields that a reader of the table needs beside it. */
      readonly facts: readonly string[]
    }
  | {
      readonly kind: 'document'
      /** Field of the document: its text, or its bytes as base64 where the media type is that of a picture. */
      readonly content: string
      /** Field of its media type. */
      readonly mediaType: string
    }

/** That a tool, or a version of one, will go. It is served until its sunset, and the check refuses to drop it before. */
export interface Deprecation {
  /** The day on which that was said: `2026-12-31`. */
  readonly since: `${number}-${number}-${number}`
  /** The last day on which it answers: `2027-12-31`. */
  readonly sunset?: `${number}-${number}-${number}`
  /** The tool to call instead. Absent: a later version of this one. */
  readonly replacement?: string
}

/** What one data tool promises, at one revision. A plain value without behaviour: every surface derives from it. */
export interface Contract<Name extends string = string, Input extends z.ZodObject = z.ZodObject, Output extends z.ZodObject = z.ZodObject> {
  readonly name: Name
  /** Semantic version; the major is the folder the contract lives in. */
  readonly version: `${number}.${number}.${number}`
  /** For people: "Run a query". */
  readonly title: string
  /** For models and people: what it does, what it returns, when to use another tool instead. */
  readonly description: string
  /** `host`: the program that the agent runs in does it, such as an editor; no door of the server lists or runs it. Default: the server. */
  readonly executedBy?: 'host'
  /** A strict object; unknown keys are errors. Null for an optional key means absent. */
  readonly input: Input
  /** The `data` of a successful envelope. */
  readonly output: Output
  /** Codes this tool may answer with, beside `universalErrors`. */
  readonly errors: readonly ErrorCode[]
  readonly annotations: Annotations
  readonly examples: readonly Example<z.input<Input>, z.output<Output>>[]
  /** Other names accepted in a call; never listed. */
  readonly aliases?: readonly string[]
  /** Absent: it stays. */
  readonly deprecated?: Deprecation
  /** Whether a door may send the rows of its output as a stream instead; the rest of the output then follows them. */
  readonly streams?: boolean
  readonly reading?: Reading
}

/** Codes that every tool may answer with, whatever its contract lists. */
export const universalErrors = [
  'VALIDATION_ERROR',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'RATE_LIMITED',
  'NOT_READY',
  'CANCELLED',
  'INTERNAL_ERROR',
] as const satisfies readonly ErrorCode[]

/** The annotations of a tool that only reads the project's own sources. */
export const readOnlyAnnotations: Annotations = { readOnly: true, destructive: false, idempotent: true, openWorld: false }

/** Makes a contract. Types its examples by its own schemas; holds no logic. */
export const defineContract = <const Name extends string, Input extends z.ZodObject, Output extends z.ZodObject>(
  contract: Contract<Name, Input, Output>,
): Contract<Name, Input, Output> => contract

/** One of these values today; others may come without a new version, so that callers keep a branch for them. For outputs. */
export const openEnum = <const Values extends readonly [string, ...string[]]>(values: Values) => z.union([z.enum(values), z.string()])

/**
 * How calls to one version of a tool are answered by the next: the input goes up, the data of the answer and codes of its
 * errors come down. Pure and total: every input of `from` becomes one of `to`, every output of `to` one of `from`, which
 * generation tries on examples and on values made from the schemas.
 */
export interface Transform<From extends Contract = Contract, To extends Contract = Contract> {
  readonly from: From
  readonly to: To
  /** Takes a parsed input of `from`; the defaults of `to` are filled in afterwards. */
  readonly input: (input: z.output<From['input']>) => z.input<To['input']>
  readonly output: (data: z.output<To['output']>) => z.input<From['output']>
  /** For each code that only `to` answers with, the code that `from` has for it. */
  readonly errors?: Readonly<Partial<Record<ErrorCode, ErrorCode>>>
}

/** Makes a transform; types it by both contracts. */
export const defineTransform = <From extends Contract, To extends Contract>(transform: Transform<From, To>): Transform<From, To> =>
  transform
