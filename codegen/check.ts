import { compareModels, type Finding } from './compat/compare-models.ts'
import { type ReleasedModel, releasedModel } from './compat/released-model.ts'
import { type GeneratedFile, kebabCase } from './generated-file.ts'
import type { Model } from './model.ts'

/** The files of the project that the check looks at, from its root. */
export interface FileAccess {
  /** Undefined when there is no such file. */
  read(path: string): string | undefined
  /** Files under a folder, from the root, sorted. */
  list(folder: string): readonly string[]
}

export interface Problem {
  /** `drift`: a contract breaks what was released. */
  readonly kind: 'stale' | 'missing' | 'extra' | 'incomplete' | 'drift'
  readonly message: string
}

/** Compares what is on disk with what the contracts imply, and the contracts with what was released. */
export const checkProject = (
  {
    model,
    files,
    folders,
    released,
  }: { model: Model; files: readonly GeneratedFile[]; folders: readonly string[]; released: ReleasedModel | undefined },
  access: FileAccess,
): { problems: Problem[]; findings: Finding[] } => {
  const findings = released === undefined ? [] : compareModels(released, releasedModel(model))
  return {
    findings,
    problems: [
      ...checkFiles(files, folders, access),
      ...checkTools(model, access),
      ...(released === undefined
        ? [{ kind: 'missing', message: 'contracts/released/v1.json is not there; run codegen/cli.ts release' } satisfies Problem]
        : []),
      ...findings
        .filter((finding) => finding.level === 'breaking')
        .map(
          ({ tool, field, rule, message, witness }): Problem => ({
            kind: 'drift',
            message: `${tool} ${field} [${rule}] ${message}${witness === undefined ? '' : `; witness ${JSON.stringify(witness)}`}`,
          }),
        ),
    ],
  }
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
const checkTools = ({ tools: served, hostTools, errors }: Model, access: FileAccess): Problem[] => {
  const problems: Problem[] = []
  const incomplete = (message: string) => problems.push({ kind: 'incomplete', message })
  const tools = [...served, ...hostTools]
  const files = new Set(served.map(({ name }) => kebabCase(name)))
  for (const { name, executedBy } of tools) {
    const file = kebabCase(name)
    for (const [what, path] of [
      ['contract file', `contracts/v1/${executedBy === 'host' ? 'host-tools' : 'tools'}/${file}.ts`],
      ...(executedBy === 'host' ? [] : [['handler', `server/tools/${file}.ts`] as const]),
      ['page', `docs/tools/${file}.md`],
    ] as const)
      if (access.read(path) === undefined) incomplete(`${name} has no ${what} ${path}`)
    const cases = access.list(`${corpusFolder}/${name}`).map((path) => path.split('/').at(-1) ?? '')
    for (const verdict of ['accept', 'reject'])
      if (!cases.some((file) => file.startsWith(`${verdict}-`))) incomplete(`${name} has no ${verdict} case in ${corpusFolder}/${name}/`)
  }
  for (const path of access.list('server/tools'))
    if (!files.has(path.replace('server/tools/', '').replace(/\.ts$/, ''))) incomplete(`${path} handles no contract`)
  for (const path of access.list(corpusFolder))
    if (!tools.some(({ name }) => path.startsWith(`${corpusFolder}/${name}/`))) incomplete(`${path} is a case of no contract`)
  for (const code of Object.keys(errors))
    if (access.read(`docs/errors/${code}.md`) === undefined) incomplete(`${code} has no page docs/errors/${code}.md`)
  return problems
}

const corpusFolder = 'test/corpus/v1'
