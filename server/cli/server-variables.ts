import { nearestName } from '../envelope/nearest-name.ts'
import { logLevels } from '../operations/log.ts'
import type { Diagnostic } from '../projects/diagnostic.ts'
import type { Environment } from '../projects/read-project.ts'

interface ServerVariable {
  readonly about: string
  /** What it holds is shown to nobody. */
  readonly isSecret?: true
  /** What it must be, where a value is not that. */
  readonly expected?: (value: string) => string | undefined
}

const prefix = 'DATAFACE_'

/** How long a server that was asked to stop may go on taking calls, seconds, at most. */
const mostDrainSeconds = 3600

/** Every environment variable of the server itself, by its name; docs/configuration.md says the same. */
export const serverVariables: Readonly<Record<string, ServerVariable>> = {
  DATAFACE_LOG: {
    about: 'The least level that is logged: debug, info, warn or error. Default warn, and info for what becomes of the server.',
    expected: (value) => (logLevels.some((level) => level === value) ? undefined : `one of: ${logLevels.join(', ')}`),
  },
  DATAFACE_DRAIN_SECONDS: {
    about: 'How long `dft serve` takes calls after it was asked to stop, while it says that it is not ready.',
    expected: (value) =>
      /^\d{1,4}$/.test(value) && Number(value) <= mostDrainSeconds ? undefined : `a whole number from 0 to ${mostDrainSeconds}`,
  },
  DATAFACE_STATE_URL: {
    about: 'Where replicas share their counts: postgres:// or redis://.',
    isSecret: true,
    expected: (value) =>
      /^(?:postgres|postgresql|redis|rediss):\/\//.test(value) && URL.canParse(value)
        ? undefined
        : 'an address that begins with postgres://, redis:// or rediss://',
  },
  DATAFACE_OPERATOR_TOKEN: { about: 'What opens the pages for operators.', isSecret: true },
  DATAFACE_KEY: { about: 'An API key, for the examples that are printed; the server does not read it.', isSecret: true },
}

const finding = (code: 'BAD_VARIABLE' | 'UNKNOWN_VARIABLE', message: string, hint: string): Diagnostic => ({
  level: 'error',
  code,
  file: 'environment',
  line: 1,
  column: 1,
  message,
  hint,
})

/** Variables of the server that hold what it cannot use. Never quotes what they hold. */
export const checkServerVariables = (env: Environment): readonly Diagnostic[] =>
  Object.entries(serverVariables).flatMap(([name, { about, expected }]) => {
    const value = env[name]
    const wanted = value === undefined ? undefined : expected?.(value)
    return wanted === undefined ? [] : [finding('BAD_VARIABLE', `The environment variable ${name} is not ${wanted}.`, about)]
  })

/** Variables that look like the server's and are neither that nor `named` by a project. */
export const findUnknownVariables = (env: Environment, named: ReadonlySet<string>): readonly Diagnostic[] => {
  const known = [...Object.keys(serverVariables), ...[...named].filter((name) => name.startsWith(prefix))]
  return Object.keys(env)
    .filter((name) => name.startsWith(prefix) && !known.includes(name))
    .sort()
    .map((name) => {
      // What all of them begin with brings none nearer.
      const near = nearestName(
        name.slice(prefix.length),
        known.map((one) => one.slice(prefix.length)),
      )
      const hint = near === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean "${prefix}${near}"?`
      return finding('UNKNOWN_VARIABLE', `Nothing reads the environment variable ${name}.`, hint)
    })
}

/** How long a server takes calls after it was asked to stop, milliseconds. */
export const readDrainMs = ({ DATAFACE_DRAIN_SECONDS: seconds }: Environment, fallbackMs: number): number =>
  seconds === undefined ? fallbackMs : Number(seconds) * 1000
