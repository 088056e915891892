import type { ErrorDefinition } from '../../contracts/v1/errors.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model, ToolModel } from '../model.ts'

/** The part of a tool that a release freezes. */
export interface ReleasedTool
  extends Pick<ToolModel, 'name' | 'version' | 'description' | 'input' | 'output' | 'errors' | 'annotations' | 'aliases'> {
  /** Absent: the server. */
  readonly executedBy?: 'host'
}

/** What a release promises: `contracts/released/v1.json`. */
export interface ReleasedModel {
  readonly tools: readonly ReleasedTool[]
  readonly errors: Readonly<Record<string, Pick<ErrorDefinition, 'httpStatus' | 'retryable'>>>
  readonly envelope: Model['envelope']
  /** `dataface.yml`. */
  readonly project: JsonSchema
}

/** The promise of a model, without examples and what else may change freely. */
export const releasedModel = ({ tools, hostTools, errors, envelope, project }: Model): ReleasedModel => ({
  tools: [...tools, ...hostTools].map(
    ({ name, version, description, input, output, errors: codes, annotations, aliases, executedBy }): ReleasedTool => ({
      name,
      version,
      description,
      input,
      output,
      errors: codes,
      annotations,
      aliases,
      ...(executedBy === 'host' && { executedBy }),
    }),
  ),
  errors: Object.fromEntries(Object.entries(errors).map(([code, { httpStatus, retryable }]) => [code, { httpStatus, retryable }])),
  envelope,
  project,
})
