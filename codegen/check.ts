import type { Finding } from './compat/finding.ts'
import { findingLine } from './compat/print-findings.ts'
import { listCosts, tokenBudget } from './function-tokens.ts'
import { type GeneratedFile, kebabCase } from './generated-file.ts'
import { type Lock, needsLine } from './lock.ts'
import { dialects } from './losses.ts'
import type { Model, ToolModel } from './model.ts'

/** The files of the project that the check looks at, from its root. */
export interface FileAccess {
  /** Undefined when there is no such file. */
  read(path: string): string | undefined
  /** Files under a folder, from the root, sorted. */
  list(folder: string): readonly string[]
}

export interface Problem {
  /** `costly`: a model would read too much; `drift`: a contract breaks what was released; `unacknowledged`: it changed in a way that asks for a line in the lock. */
  readonly kind: 'costly' | 'stale' | 'missing' | 'extra' | 'incomplete' | 'drift' | 'unacknowledged'
  readonly message: string
}

/** Compares what is on disk with what the contracts imply, and the contracts with what was released. */
export const checkProject = (
  {
    model,
    files,
    folders,
    lock,
    findings,
  }: {
    model: Model
    files: readonly GeneratedFile[]
    folders: readonly string[]
    lock: Lock | undefined
    /** What has changed since the release in the lock. */
    findings: readonly Finding[]
  },
  access: FileAccess,
): Problem[] => [
  ...checkFiles(files, folders, access),
  ...checkTools(model, access),
  ...checkCosts(model),
  ...(lock === undefined
    ? [{ kind: 'missing', message: 'nothing that can be read was released; run codegen/cli.ts release' } satisfies Problem]
    : checkFindings(findings, lock)),
]

/** A break needs a new version; what is dangerous or visible, a line that somebody wrote. Lines of the past are in the way. */
const checkFindings = (findings: readonly Finding[], { acknowledged }: Lock): Problem[] => {
  const lines = new Set(acknowledged.map(({ fingerprint }) => fingerprint))
  return [
    ...findings.filter(({ level }) => level === 'breaking').map((finding): Problem => ({ kind: 'drift', message: findingLine(finding) })),
    ...findings
      .filter((finding) => needsLine(finding) && !lines.has(finding.fingerprint))
      .map(
        (finding): Problem => ({
          kind: 'unacknowledged',
          message: `${finding.level} ${findingLine(finding)}; if it is well, codegen/cli.ts acknowledge ${finding.fingerprint} REASON`,
        }),
      ),
    ...acknowledged
      .filter(({ fingerprint }) => !findings.some((finding) => finding.fingerprint === fingerprint))
      .map(
        ({ fingerprint, change }): Problem => ({
          kind: 'extra',
          message: `${fingerprint} (${change}) is acknowledged and has not changed`,
        }),
      ),
  ]
}

const checkFiles = (files: readonly GeneratedFile[], folders: readonly string[], access: FileAccess): Problem[] => {
  const expected = new Set(files.map((file) => file.path))
  return [
    ...files.flatMap(({ path, content }): Problem[] => {
      const found = access.read(path)
      if (found === undefined) return [{ kind: 'missing', message: `${path} is not there; run npm run generate` }]
      return found === content ? [] : [{ kind: 'stale', message: `${path} differs from what the contracts imply; run npm run generate` }]
    }),
    ...folders
      .flatMap((folder) => access.list(folder))
      .filter((path) => !expected.has(path))
      .map((path): Problem => ({ kind: 'extra', message: `${path} is in a generated folder and nothing generates it` })),
  ]
}

/** Each tool has its contract, page and corpus under its own name, and a handler when the server executes it; nothing is left over. */
const checkTools = ({ tools: served, earlier, hostTools, errors }: Model, access: FileAccess): Problem[] => {
  const problems: Problem[] = []
  const incomplete = (message: string) => problems.push({ kind: 'incomplete', message })
  const tools = [...served, ...earlier, ...hostTools]
  const files = new Set(served.map(({ name }) => kebabCase(name)))
  for (const tool of tools) {
    const { name, executedBy, major } = tool
    const file = kebabCase(name)
    for (const [what, path] of [
      ['contract file', `contracts/v${major}/${executedBy === 'host' ? 'host-tools' : 'tools'}/${file}.ts`],
      ...(executedBy === 'host' ? [] : [['handler', `server/tools/${file}.ts`] as const]),
      ['page', earlier.includes(tool) ? `docs/tools/v${major}/${file}.md` : `docs/tools/${file}.md`],
    ] as const)
      if (access.read(path) === undefined) incomplete(`${name} has no ${what} ${path}`)
    const folder = corpusOf(tool)
    const cases = access.list(folder).map((path) => path.split('/').at(-1) ?? '')
    for (const verdict of ['accept', 'reject'])
      if (!cases.some((file) => file.startsWith(`${verdict}-`))) incomplete(`${name} has no ${verdict} case in ${folder}/`)
  }
  for (const path of access.list('server/tools'))
    if (!files.has(path.replace('server/tools/', '').replace(/\.ts$/, ''))) incomplete(`${path} handles no contract`)
  for (const path of access.list('test/corpus'))
    if (!tools.some((tool) => path.startsWith(`${corpusOf(tool)}/`))) incomplete(`${path} is a case of no contract`)
  for (const code of Object.keys(errors))
    if (access.read(`docs/errors/${code}.md`) === undefined) incomplete(`${code} has no page docs/errors/${code}.md`)
  return problems
}

const corpusOf = ({ name, major }: ToolModel): string => `test/corpus/v${major}/${name}`

/** Definitions are read in every turn, so that a list of them may cost so much and no more, and hold so many. */
const checkCosts = (model: Model): Problem[] => [
  ...listCosts(model)
    .filter(({ mean }) => mean > tokenBudget)
    .map(
      ({ dialect, tokens, mean }): Problem => ({
        kind: 'costly',
        message: `the definitions for ${dialect} cost ${tokens} tokens, ${mean.toFixed(1)} a tool; at most ${tokenBudget}`,
      }),
    ),
  ...dialects
    .filter(({ maxFunctions }) => model.tools.length > maxFunctions)
    .map(
      ({ vendor, maxFunctions }): Problem => ({
        kind: 'costly',
        message: `${vendor} takes ${maxFunctions} definitions in a request, and there are ${model.tools.length}`,
      }),
    ),
]
