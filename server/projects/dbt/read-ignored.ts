import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Characters of the file that are read. */
const maxChars = 100_000

/**
 * Whether `.dbtignore` of a project keeps a file from dbt, by its path from there. Its patterns are those of `.gitignore`, but the last
 * that fits a file decides, also below a folder that another keeps away, as in the library of dbt; libraries that do as git does do not.
 */
export const readIgnored = async (dir: string): Promise<(path: string) => boolean> => {
  const text = await readFile(join(dir, '.dbtignore'), 'utf8').catch(() => '')
  const rules = text.slice(0, maxChars).split(/\r?\n/).flatMap(ruleOf)
  return (path) => rules.findLast(({ pattern }) => pattern.test(path))?.isIgnored ?? false
}

interface Rule {
  readonly pattern: RegExp
  readonly isIgnored: boolean
}

const ruleOf = (line: string): Rule[] => {
  const written = line.trimEnd()
  if (written === '' || written.startsWith('#')) return []
  const isIgnored = !written.startsWith('!')
  const path = isIgnored ? written : written.slice(1)
  // Without a slash within it a pattern holds in every folder.
  const from = /\/./.test(path) ? '' : '(?:.*/)?'
  const to = path.endsWith('/') ? '/.+' : '(?:/.+)?'
  try {
    return [{ pattern: new RegExp(`^${from}${expressionOf(path.replace(/^\/|\/$/g, ''))}${to}$`), isIgnored }]
  } catch {
    // A class of characters that is none.
    return []
  }
}

const expressionOf = (glob: string): string =>
  glob.replace(/^\*\*\/|\/\*\*\/|\/\*\*$|\*+|\?|\[!?[^\]]+\]|\\.|[.+^${}()|[\]]/g, (part) => {
    if (part === '**/') return '(?:.*/)?'
    if (part === '/**/') return '/(?:.*/)?'
    if (part === '/**') return '/.+'
    if (part.startsWith('*')) return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[') && part.length > 1) return part.replace(/^\[!/, '[^')
    return part.startsWith('\\') ? part : `\\${part}`
  })
