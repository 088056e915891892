/** What came of the templates in one value. */
export interface Expanded {
  readonly text: string
  /** Variables that are not set and have no default. */
  readonly missing: readonly string[]
  /** Templates that are no `env_var` call. */
  readonly unknown: readonly string[]
}

const call = /^env_var\(\s*(?:'([A-Za-z_][A-Za-z0-9_]*)'|"([A-Za-z_][A-Za-z0-9_]*)")\s*(?:,\s*(?:'([^']*)'|"([^"]*)"))?\s*\)$/

/** Replaces `{{ env_var('X') }}` and `{{ env_var('X', 'default') }}`; nothing else is a template here. */
export const expandVariables = (text: string, env: Readonly<Record<string, string | undefined>>): Expanded => {
  const missing: string[] = []
  const unknown: string[] = []
  const expanded = text.replace(/\{\{(.*?)\}\}/g, (whole, inner: string) => {
    const match = call.exec(inner.trim())
    if (match === null) {
      unknown.push(inner.trim())
      return whole
    }
    const name = (match[1] ?? match[2]) as string
    const value = env[name] ?? match[3] ?? match[4]
    if (value === undefined) missing.push(name)
    return value ?? ''
  })
  return { text: expanded, missing, unknown }
}
