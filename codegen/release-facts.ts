import * as z from 'zod'
import { pythonNames, typescriptNames } from './client-names.ts'
import { digest } from './compat/finding.ts'
import type { ReleasedClient, ReleaseFacts } from './compat/released-model.ts'
import { functionTokens } from './function-tokens.ts'
import type { GeneratedFile } from './generated-file.ts'
import { lossesOf } from './losses.ts'
import type { Model } from './model.ts'

/** What a release says beside its contracts: what they became on each surface, and by which tools. */
export const releaseFacts = (model: Model, files: readonly GeneratedFile[], release: string): Omit<ReleaseFacts, 'removed'> => {
  const bySurface = Map.groupBy(
    files.filter(({ path }) => path.startsWith('clients/')),
    ({ path }) => path.split('/')[1] ?? '',
  )
  const { major, minor, patch } = z.core.version
  return {
    release,
    converter: `zod ${major}.${minor}.${patch}`,
    losses: lossesOf(model),
    tokens: functionTokens(model),
    clients: Object.fromEntries([...bySurface].flatMap(([surface, group]) => (group.some(isPackage) ? [[surface, clientOf(group)]] : []))),
    surfaces: Object.fromEntries(
      [...bySurface].map(([surface, group]) => [surface, digest(group.map(({ path, content }) => `${path}\n${content}`).join('\n'))]),
    ),
  }
}

const isPackage = ({ path }: GeneratedFile): boolean => /^clients\/[^/]+\/(package\.json|pyproject\.toml)$/.test(path)

/** A client as its users see it: the names it exports, and what its package asks for. */
const clientOf = (files: readonly GeneratedFile[]): ReleasedClient => {
  const { path = '', content = '' } = files.find(isPackage) ?? {}
  if (path.endsWith('.toml'))
    return { names: pythonNames(files), needs: { python: /^requires-python = "(.*)"$/m.exec(content)?.[1] ?? 'any' } }
  const manifest = JSON.parse(content) as {
    readonly type?: string
    readonly exports?: Readonly<Record<string, unknown>>
    readonly engines?: Readonly<Record<string, string>>
    readonly peerDependencies?: Readonly<Record<string, string>>
  }
  const folder = path.replace('package.json', '')
  return {
    names: [
      ...Object.keys(manifest.exports ?? {}),
      ...typescriptNames(files.filter((file) => !file.path.replace(folder, '').includes('/'))),
    ],
    needs: { module: manifest.type ?? 'commonjs', ...manifest.engines, ...manifest.peerDependencies },
  }
}
