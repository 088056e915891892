import { parseYaml } from '../../yaml/parse-yaml.ts'
import { migrate } from './migrate.ts'

/** A text of an older grammar in that of today, and what was changed; the text as it is when nothing was, or when it is no YAML. */
export const migrateText = (text: string): { text: string; changes: readonly string[] } => {
  const { document, diagnostics } = parseYaml(text, '', { merge: true })
  if (diagnostics.some(({ level }) => level === 'error')) return { text, changes: [] }
  const changes = migrate(document).map(({ message }) => message)
  if (changes.length === 0) return { text, changes }
  return {
    text: document.toString({ lineWidth: 0 }),
    changes: [...Map.groupBy(changes, (one) => one)].map(([one, all]) => `${one}${all.length > 1 ? ` (${all.length} times)` : ''}`),
  }
}
