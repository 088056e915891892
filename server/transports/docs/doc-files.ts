import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'

/** A page of the docs, as it lies in the repository and in the package. */
export interface DocFile {
  /** From the top of the repository: `docs/tools/catalog.md`. */
  readonly file: string
  /** Where it is served: `/docs/tools/catalog`. */
  readonly address: string
}

/** The top of the package, from its built files, or of the clone, from the sources. */
const top = (): URL => {
  const built = new URL('../', import.meta.url)
  return existsSync(new URL('docs/README.md', built)) ? built : new URL('../../../', import.meta.url)
}

const filesBelow = (folder: string, isPage: (file: string) => boolean): string[] =>
  readdirSync(new URL(folder, top()), { recursive: true, encoding: 'utf8' })
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((file) => file.endsWith('.md') && isPage(file))

/** The docs, what the clients say of themselves, and the changes. */
const listFiles = (): string[] => [
  ...filesBelow('docs', (file) => !file.startsWith('docs/examples/')),
  ...filesBelow('clients', (file) => /^clients\/\w+\/README\.md$/.test(file)),
  'CHANGELOG.md',
]

/** `docs/errors/README.md` stands at `/docs/errors`, `clients/trpc/README.md` at `/docs/clients/trpc`. */
const addressOf = (file: string): string => {
  if (file === 'CHANGELOG.md') return '/docs/changes'
  const inside = file.replace(/^docs\//, '').replace(/(^|\/)README\.md$|\.md$/, '')
  return inside === '' ? '/docs' : `/docs/${inside}`
}

let kept: ReadonlyMap<string, DocFile> | undefined

/** Every page by its file. */
export const docFiles = (): ReadonlyMap<string, DocFile> => {
  kept ??= new Map(listFiles().map((file) => [file, { file, address: addressOf(file) }]))
  return kept
}

/** The page at an address; undefined when there is none. */
export const docAt = (address: string): DocFile | undefined => [...docFiles().values()].find((page) => page.address === address)

/** Its Markdown, without the line that says that it is generated. */
export const readDoc = ({ file }: DocFile): string => readFileSync(new URL(file, top()), 'utf8').replace(/^<!--.*-->\s*/, '')

/** The page that a link on a page leads to; undefined for what is not served here. */
export const linkedDoc = (from: DocFile, target: string): DocFile | undefined => {
  const path = posix.join(posix.dirname(from.file), target)
  return docFiles().get(path) ?? docFiles().get(posix.join(path, 'README.md'))
}
