import { readdirSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { root } from './project-files.ts'

/** The emitted schemas that say what an input is. */
export type Surface = 'mcp' | 'openapi' | 'openai' | 'editor'

/** One message of test/corpus: what a caller once sent, and whether it was taken. Frozen once released. */
export interface CorpusCase {
  readonly tool: string
  /** The major version of its contract. */
  readonly major: number
  readonly verdict: 'accept' | 'reject'
  readonly file: string
  readonly title: string
  readonly input: unknown
  /** Every error of the answer, in order; `path` absent where none is given. */
  readonly expect?: readonly { readonly code: string; readonly path?: string }[]
  /** Surfaces whose schema gives the other verdict, each with the reason. */
  readonly differs?: Readonly<Partial<Record<Surface, string>>>
}

const folder = resolve(root, 'test/corpus')

export const corpus: readonly CorpusCase[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.json'))
  .sort()
  .map((path) => {
    const file = basename(path)
    const [version = '', tool = ''] = path.split('/')
    return {
      ...(JSON.parse(readFileSync(resolve(folder, path), 'utf8')) as Omit<CorpusCase, 'tool' | 'major' | 'verdict' | 'file'>),
      major: Number(version.slice(1)),
      tool,
      verdict: file.startsWith('accept-') ? 'accept' : 'reject',
      file: path,
    }
  })
