import type { Contract, Deprecation, Reading, Transform } from '../../contracts/define-contract.ts'
import { EncodedJson } from '../envelope/encoded-json.ts'
import { Fault } from '../envelope/fault.ts'
import type { Handler, ServedTool } from './define-handler.ts'
import { createInputCheck, type KnownValues } from './validate-input.ts'
import { createOutputCheck } from './validate-output.ts'

/** One version of a tool, as it is promised. */
export interface ToolVersion {
  readonly tool: string
  /** `execute_query@1.0.0`. */
  readonly label: string
  readonly major: number
  readonly deprecated?: Deprecation
}

/** A version of a tool that was called, and so is loaded. */
export interface LoadedVersion extends ToolVersion {
  readonly handler: Handler
  readonly reading: Reading | undefined
  /** The input of the handler. Throws VALIDATION_ERROR for what the contract of this version refuses. */
  readonly checkInput: (input: unknown) => Record<string, unknown>
  /** The data as this version promises it. Throws when it does not. */
  readonly checkOutput: (data: Data) => Data
  /** A fault as this version tells it. */
  readonly faultOf: (fault: Fault) => Fault
}

/** The fault of a version of the contracts that is not served. `path`: where it was asked for. */
export const unknownVersion = (versions: readonly number[], path: string): Fault =>
  new Fault('VALIDATION_ERROR', 'No such version of the contracts is served.', { path, hint: `Versions: ${versions.join(', ')}.` })

type Data = Readonly<Record<string, unknown>>

/** The versions of a tool that are served, the newest first. */
export const versionsOf = ({ name, version, earlier = [] }: ServedTool): readonly ToolVersion[] =>
  [{ version }, ...earlier].map(({ version, ...rest }) => ({
    tool: name,
    label: `${name}@${version}`,
    major: Number(version.split('.')[0]),
    ...('deprecated' in rest && { deprecated: rest.deprecated }),
  }))

/** Loads the handler of a tool, and for an earlier version its ways up to the version of the handler. */
export const loadVersion = async (tool: ServedTool, version: ToolVersion, known: KnownValues): Promise<LoadedVersion> => {
  const handler = await tool.load()
  const steps = (tool.earlier ?? []).slice(
    0,
    versionsOf(tool).findIndex(({ label }) => label === version.label),
  )
  // From the newest down to the version that was asked for.
  const transforms = await Promise.all(steps.map((step) => step.load()))
  const contract = transforms.at(-1)?.from ?? handler.contract
  const checkInput = createInputCheck(contract, known)
  const checkOutput = createOutputCheck(handler.contract)
  const promised = (data: Data, of: Contract, check: (data: Data) => string | undefined): Data => {
    const breach = check(data)
    if (breach !== undefined) throw new Error(`The output of ${of.name}@${of.version} breaks its contract at ${breach}`)
    return data
  }
  const ways = transforms.map((transform) => ({ transform, check: createOutputCheck(transform.from) }))
  return {
    ...version,
    handler,
    reading: contract.reading,
    checkInput: (input) => ways.reduceRight((given, { transform }) => goUp(transform, given), checkInput(input)),
    checkOutput: (data) =>
      ways.reduce(
        (given, { transform, check }) => promised(goDown(transform, given), transform.from, check),
        promised(data, handler.contract, checkOutput),
      ),
    faultOf: (fault) =>
      transforms.reduce((given, { errors }) => {
        const code = errors?.[given.code]
        return code === undefined ? given : new Fault(code, given.message, given.details)
      }, fault),
  }
}

/** What the schema of the later version refuses here is a fault of the transform. */
const goUp = ({ to, input }: Transform, given: Record<string, unknown>): Record<string, unknown> => to.input.parse(input(given))

const goDown = ({ output }: Transform, given: Data): Data =>
  output(Object.fromEntries(Object.entries(given).map(([key, value]) => [key, value instanceof EncodedJson ? value.toJSON() : value])))

/** A version that will go, and what to ask for instead. */
export interface DeprecatedVersion extends Deprecation {
  readonly tool: string
  readonly version: number
  /** The newest version of the tool. */
  readonly newest: number
}
