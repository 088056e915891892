import type * as z from 'zod'
import type { Annotations, Contract, Deprecation, Example, Reading, Transform } from '../contracts/define-contract.ts'
import { universalErrors } from '../contracts/define-contract.ts'
import { boardSchema, boardVersion } from '../contracts/v1/board/board.ts'
import { isChartType, requiredKeys } from '../contracts/v1/board/required-keys.ts'
import { metaSchema, warningSchema } from '../contracts/v1/envelope.ts'
import { type ErrorCode, type ErrorDefinition, errorCodeList, errorDefinitions, errorItemSchema } from '../contracts/v1/errors.ts'
import { projectSchema } from '../contracts/v1/project.ts'
import { checkTransforms } from './check-transforms.ts'
import { type JsonSchema, joinFields, toJsonSchema } from './json-schema.ts'

/** One tool as every emitter reads it. */
export interface ToolModel {
  readonly name: string
  readonly version: string
  /** The first number of its version. */
  readonly major: number
  /** Where this version is called over HTTP. */
  readonly path: string
  /** The name of that operation; the first version has that of the tool. */
  readonly operationId: string
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
  readonly deprecated?: Deprecation
  /** Whether its rows can be had as a stream. */
  readonly streams: boolean
  /** What a door that can sends by itself: rows as a table, a document as its own text or picture. */
  readonly reading?: Reading
  readonly executedBy: 'server' | 'host'
}

export interface Model {
  /** Those that the server executes, each at its newest version, in the order given; every door lists them. */
  readonly tools: readonly ToolModel[]
  /** Earlier versions of them that are served still, for callers who ask for one. */
  readonly earlier: readonly ToolModel[]
  /** Those that hosts execute; no door lists them. */
  readonly hostTools: readonly ToolModel[]
  /** Parts of the answer that all tools share. */
  readonly envelope: { readonly warning: JsonSchema; readonly meta: JsonSchema; readonly errorItem: JsonSchema }
  /** The closed list of error codes, in its order. */
  readonly errors: Readonly<Record<string, ErrorDefinition>>
  /** `dataface.yml`. */
  readonly project: JsonSchema
  /** The language of boards. */
  readonly board: { readonly version: string; readonly schema: JsonSchema }
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
export const compileModel = (contracts: readonly Contract[], transforms: readonly Transform[] = []): Model => {
  const { model, findings } = examineContracts(contracts, transforms)
  if (findings.length > 0) throw new ContractFindings(findings)
  return model
}

/** The model beside what is wrong with it, for a caller that has more to find; to be used only when nothing is. */
export const examineContracts = (
  contracts: readonly Contract[],
  transforms: readonly Transform[] = [],
): { model: Model; findings: ContractFinding[] } => {
  const findings: ContractFinding[] = []
  const taken = new Map<string, string>()
  const compile = (contract: Contract): ToolModel => {
    const report: Report = (field, message) => findings.push({ tool: contract.name, field, message })
    const major = majorOf(contract)
    if (contracts.includes(contract)) checkNames(contract, taken, report)
    for (const text of ['title', 'description'] as const) if (contract[text].trim() === '') report(text, 'is empty; models choose by it')
    if (!/^\d+\.\d+\.\d+$/.test(contract.version)) report('version', `"${contract.version}" is not a semantic version`)
    for (const code of contract.errors) if (!errorCodeList.includes(code)) report('errors', `"${code}" is not an error code`)
    const input = convert(contract.input, 'input', report)
    const output = convert(contract.output, 'output', report)
    checkInput(input, 'input', report)
    checkExamples(contract, report)
    checkDeprecation(contract, contracts, report)
    return {
      name: contract.name,
      version: contract.version,
      major,
      path: `/api/v${major}/${contract.name}`,
      operationId: major === 1 ? contract.name : `${contract.name}_v${major}`,
      title: contract.title,
      description: contract.description,
      input,
      output,
      errors: errorCodeList.filter((code) => contract.errors.includes(code) || (universalErrors as readonly ErrorCode[]).includes(code)),
      annotations: contract.annotations,
      examples: contract.examples,
      aliases: contract.aliases ?? [],
      ...(contract.deprecated !== undefined && { deprecated: contract.deprecated }),
      streams: contract.streams ?? false,
      ...(contract.reading !== undefined && { reading: contract.reading }),
      executedBy: contract.executedBy ?? 'server',
    }
  }
  const tools = contracts.map(compile)
  const earlier = transforms.map(({ from }) => compile(from))
  findings.push(...checkTransforms(contracts, transforms, [...tools, ...earlier]))
  const shared = (schema: z.ZodType) => toJsonSchema(schema, 'output').schema
  return {
    model: {
      tools: tools.filter(({ executedBy }) => executedBy === 'server'),
      earlier,
      hostTools: tools.filter(({ executedBy }) => executedBy === 'host'),
      envelope: { warning: shared(warningSchema), meta: shared(metaSchema), errorItem: shared(errorItemSchema) },
      errors: errorDefinitions,
      project: toJsonSchema(projectSchema, 'input').schema,
      board: { version: boardVersion, schema: languageSchema(findings) },
    },
    findings,
  }
}

/** The tools as they are at one version: each at the newest that is no newer. */
export const modelAt = (model: Model, version: number): Model => ({
  ...model,
  tools: model.tools.flatMap((tool) => {
    const versions = [tool, ...model.earlier.filter(({ name }) => name === tool.name)].filter(({ major }) => major <= version)
    return versions.length === 0 ? [] : [versions.reduce((a, b) => (b.major > a.major ? b : a))]
  }),
  earlier: model.earlier.filter(({ major }) => major < version),
})

/** The versions that a caller can ask for, the oldest first. */
export const versionsOf = ({ tools, earlier }: Model): number[] =>
  [...new Set([...tools, ...earlier].map(({ major }) => major))].sort((a, b) => a - b)

const majorOf = ({ version }: Pick<Contract, 'version'>): number => Number(version.split('.')[0])

/** The language of boards, whose blocks hold each other. */
const languageSchema = (findings: ContractFinding[]): JsonSchema => {
  const { schema, inexpressible } = toJsonSchema(boardSchema, 'input', { mayHoldItself: true })
  for (const { field, shape } of inexpressible) findings.push({ tool: 'board', field, message: `${shape} has no JSON Schema` })
  const whole = withoutAliases(schema)
  return { ...whole, $defs: Object.fromEntries(Object.entries(whole.$defs ?? {}).map(([name, one]) => [name, withNeeded(one)])) }
}

/** A type of chart with the keys required that it cannot be drawn without. */
const withNeeded = (schema: JsonSchema): JsonSchema => {
  const type = schema.properties?.type?.const
  if (!isChartType(type)) return schema
  const needed = requiredKeys[type].flatMap(([key, other]) => (key === undefined || other !== undefined ? [] : [key]))
  return { ...schema, required: [...new Set([...(schema.required ?? []), ...needed])] }
}

/** Definitions that are only another name of one, which zod makes of what holds itself, are left out. */
const withoutAliases = (schema: JsonSchema): JsonSchema => {
  const aliases = new Map<string, string>(
    Object.entries(schema.$defs ?? {}).flatMap(([name, { $ref }]) => ($ref === undefined ? [] : [[`#/$defs/${name}`, $ref] as const])),
  )
  const text = JSON.stringify(schema, (_, value) => (typeof value === 'string' ? (aliases.get(value) ?? value) : value))
  const resolved = JSON.parse(text) as JsonSchema
  const named = Object.entries(resolved.$defs ?? {}).filter(([name]) => !aliases.has(`#/$defs/${name}`))
  return { ...resolved, $defs: Object.fromEntries(named) }
}

type Report = (field: string, message: string) => void

const checkNames = (contract: Contract, taken: Map<string, string>, report: Report): void => {
  for (const [index, name] of [contract.name, ...(contract.aliases ?? [])].entries()) {
    const field = index === 0 ? 'name' : 'aliases'
    if (!toolName.test(name)) report(field, `"${name}" does not fit ${toolName.source}`)
    const other = taken.get(name)
    if (other !== undefined) report(field, `"${name}" is already a name of ${other}`)
    else taken.set(name, contract.name)
  }
}

const convert = (schema: z.ZodType, io: 'input' | 'output', report: Report): JsonSchema => {
  const { schema: converted, inexpressible } = toJsonSchema(schema, io)
  for (const { field, shape } of inexpressible) report(joinFields(io, field), `${shape} has no JSON Schema`)
  if (converted.type !== 'object') report(io, 'the root must be an object')
  return converted
}

/** Every object of an input is closed and every argument described, however deep. */
const checkInput = (schema: JsonSchema, field: string, report: Report): void => {
  const isRecord = typeof schema.additionalProperties === 'object' && schema.properties === undefined
  if (schema.type === 'object' && schema.additionalProperties !== false && !isRecord)
    report(field, 'must be a strict object, so that unknown arguments are errors')
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const at = joinFields(field, name)
    if (!parameterName.test(name)) report(at, `does not fit ${parameterName.source}`)
    if (property.description === undefined) report(at, 'needs a description; models fill arguments from it')
    checkInput(property, at, report)
  }
  if (schema.items !== undefined) checkInput(schema.items, joinFields(field, '[]'), report)
  for (const part of schema.anyOf ?? schema.oneOf ?? []) checkInput(part, field, report)
}

const checkDeprecation = ({ name, deprecated }: Contract, contracts: readonly Contract[], report: Report): void => {
  const { since, sunset, replacement } = deprecated ?? {}
  for (const [field, day] of Object.entries({ since, sunset }))
    if (day !== undefined && !(/^\d{4}-\d{2}-\d{2}$/.test(day) && new Date(day).toJSON()?.startsWith(day)))
      report(`deprecated.${field}`, `"${day}" is no day`)
  if (replacement !== undefined && (replacement === name || !contracts.some((contract) => contract.name === replacement)))
    report('deprecated.replacement', `"${replacement}" is no other tool`)
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
          report(['examples', index, side, ...issue.path].map(String).join('.'), `fails its own schema: ${issue.message}`)
    }
  }
}
