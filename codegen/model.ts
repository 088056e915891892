import type * as z from 'zod'
import type { Annotations, Contract, Example } from '../contracts/define-contract.ts'
import { universalErrors } from '../contracts/define-contract.ts'
import { metaSchema, warningSchema } from '../contracts/v1/envelope.ts'
import { type ErrorCode, errorCodeList, errorItemSchema } from '../contracts/v1/errors.ts'
import { type JsonSchema, toJsonSchema } from './json-schema.ts'

/** One tool as every emitter reads it. */
export interface ToolModel {
  readonly name: string
  readonly version: string
  readonly title: string
  readonly description: string
  /** Closed object; optional keys are absent from `required`. */
  readonly input: JsonSchema
  /** The `data` of a success; open objects. */
  readonly output: JsonSchema
  /** Codes of the contract and those every tool may answer with, in the order of the error list. */
  readonly errors: readonly ErrorCode[]
  readonly annotations: Annotations
  readonly examples: readonly Example<unknown, unknown>[]
  readonly aliases: readonly string[]
}

export interface Model {
  /** In the order given. */
  readonly tools: readonly ToolModel[]
  /** Parts of the answer that all tools share. */
  readonly envelope: { readonly warning: JsonSchema; readonly meta: JsonSchema; readonly errorItem: JsonSchema }
}

/** Something in a contract that stops generation. */
export interface ContractFinding {
  readonly tool: string
  /** Dotted place in the contract: `input.limit`. */
  readonly field: string
  readonly message: string
}

/** All findings of a set of contracts at once. */
export class ContractFindings extends Error {
  readonly findings: readonly ContractFinding[]
  constructor(findings: readonly ContractFinding[]) {
    super(findings.map(({ tool, field, message }) => `${tool} ${field}: ${message}`).join('\n'))
    this.name = 'ContractFindings'
    this.findings = findings
  }
}

/** Fits every target: MCP, the vendors' function schemas, and hosts that put a prefix before it. */
const toolName = /^[a-zA-Z_][a-zA-Z0-9_]{0,45}$/
const parameterName = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/

/** Compiles contracts into the neutral model. Throws `ContractFindings` that hold everything that is wrong. */
export const compileModel = (contracts: readonly Contract[]): Model => {
  const findings: ContractFinding[] = []
  const taken = new Map<string, string>()
  const tools = contracts.map((contract) => {
    const report = (field: string, message: string) => findings.push({ tool: contract.name, field, message })
    for (const name of [contract.name, ...(contract.aliases ?? [])]) {
      if (!toolName.test(name)) report('name', `"${name}" does not fit ${toolName.source}`)
      const other = taken.get(name)
      if (other !== undefined) report('name', `"${name}" is already a name of ${other}`)
      taken.set(name, contract.name)
    }
    for (const code of contract.errors) if (!errorCodeList.includes(code)) report('errors', `"${code}" is not an error code`)
    const input = convert(contract.input, 'input', report)
    const output = convert(contract.output, 'output', report)
    checkInput(input, report)
    checkExamples(contract, report)
    return {
      name: contract.name,
      version: contract.version,
      title: contract.title,
      description: contract.description,
      input,
      output,
      errors: errorCodeList.filter((code) => contract.errors.includes(code) || (universalErrors as readonly ErrorCode[]).includes(code)),
      annotations: contract.annotations,
      examples: contract.examples,
      aliases: contract.aliases ?? [],
    }
  })
  if (findings.length > 0) throw new ContractFindings(findings)
  const shared = (schema: z.ZodType) => toJsonSchema(schema, 'output').schema
  return { tools, envelope: { warning: shared(warningSchema), meta: shared(metaSchema), errorItem: shared(errorItemSchema) } }
}

type Report = (field: string, message: string) => void

const convert = (schema: z.ZodType, io: 'input' | 'output', report: Report): JsonSchema => {
  const { schema: converted, inexpressible } = toJsonSchema(schema, io)
  for (const { path, kind } of inexpressible) report(`${io}.${path}`, `a zod ${kind} has no JSON Schema`)
  if (converted.type !== 'object') report(io, 'the root must be an object')
  return converted
}

const checkInput = (input: JsonSchema, report: Report): void => {
  if (input.additionalProperties !== false) report('input', 'must be a strict object, so that unknown arguments are errors')
  for (const [name, property] of Object.entries(input.properties ?? {})) {
    if (!parameterName.test(name)) report(`input.${name}`, `does not fit ${parameterName.source}`)
    if (property.description === undefined) report(`input.${name}`, 'needs a description; models fill arguments from it')
  }
}

const checkExamples = (contract: Contract, report: Report): void => {
  for (const [index, example] of contract.examples.entries()) {
    for (const [side, schema, value] of [
      ['input', contract.input, example.input],
      ['output', contract.output.strict(), example.output],
    ] as const) {
      const parsed = schema.safeParse(value)
      if (!parsed.success)
        for (const issue of parsed.error.issues)
          report(`examples.${index}.${side}.${issue.path.map(String).join('.')}`, `fails its own schema: ${issue.message}`)
    }
  }
}
