import { errorCodeList } from '../contracts/v1/errors.ts'
import { compareModels, type Finding, type ReleasedTool } from './compat/compare-models.ts'
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
  }: { model: Model; files: readonly GeneratedFile[]; folders: readonly string[]; released: readonly ReleasedTool[] },
  access: FileAccess,
): { problems: Problem[]; findings: Finding[] } => {
  const findings = compareModels(released, model.tools)
  return {
    findings,
    problems: [
      ...checkFiles(files, folders, access),
      ...checkTools(model, access),
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

/** Each tool has its contract, handler, page and corpus under its own name, and nothing is left over. */
const checkTools = ({ tools }: Model, access: FileAccess): Problem[] => {
  const problems: Problem[] = []
  const incomplete = (message: string) => problems.push({ kind: 'incomplete', message })
  const names = new Set(tools.map((tool) => kebabCase(tool.name)))
  for (const { name } of tools) {
    const file = kebabCase(name)
    if (access.read(`contracts/v1/tools/${file}.ts`) === undefined) incomplete(`${name} has no contract file contracts/v1/tools/${file}.ts`)
    if (access.read(`server/tools/${file}.ts`) === undefined) incomplete(`${name} has no handler server/tools/${file}.ts`)
    const cases = access.list(`test/corpus/v1/${name}`)
    for (const kind of ['accept', 'reject'])
      if (!cases.some((path) => path.split('/').at(-1)?.startsWith(`${kind}-`)))
        incomplete(`${name} has no ${kind} case in test/corpus/v1/${name}/`)
  }
  for (const path of access.list('server/tools')) {
    const file = path.replace('server/tools/', '').replace(/\.ts$/, '')
    if (!names.has(file)) incomplete(`${path} handles no contract`)
  }
  const errorPages = access.list('docs/errors').map((path) => path.replace('docs/errors/', '').replace(/\.md$/, ''))
  for (const code of errorCodeList) if (!errorPages.includes(code)) incomplete(`${code} has no page docs/errors/${code}.md`)
  return problems
}
