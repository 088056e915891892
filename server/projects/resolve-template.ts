/** What a value with `{{ }}` says once its variables are known. */
export interface ResolvedTemplate {
  /** The text with every variable put in; empty in place of those that are missing. */
  readonly text: string
  /** The text with only what stands in the file itself: variables empty, defaults put in. */
  readonly literal: string
  /** Variables that the text names. */
  readonly variables: readonly string[]
  /** Of these, the ones that are not set and have no default. */
  readonly missing: readonly string[]
  /** Expressions that are not a call of env_var; `{{` without an end counts too. */
  readonly refused: readonly string[]
}

const expression = /\{\{(.*?)\}\}/gs
const quoted = `(?:'([^']*)'|"([^"]*)")`
const call = new RegExp(`^\\s*env_var\\(\\s*${quoted}\\s*(?:,\\s*${quoted}\\s*)?\\)\\s*$`)

/**
 * Resolves `{{ env_var('NAME') }}` and `{{ env_var('NAME', 'default') }}`, the one function there is. What a variable holds
 * is not looked at again, so it cannot bring an expression of its own. Undefined when the text holds no `{{`.
 */
export const resolveTemplate = (template: string, env: Readonly<Record<string, string | undefined>>): ResolvedTemplate | undefined => {
  if (!template.includes('{{')) return undefined
  const variables: string[] = []
  const missing: string[] = []
  const refused: string[] = []
  const literals: string[] = []
  const text = template.replace(expression, (whole, inner: string) => {
    const match = call.exec(inner)
    const name = match?.[1] ?? match?.[2]
    if (match === null || name === undefined || name === '') {
      refused.push(whole)
      literals.push('')
      return ''
    }
    const fallback = match[3] ?? match[4]
    variables.push(name)
    literals.push(fallback ?? '')
    const value = Object.hasOwn(env, name) ? (env[name] ?? fallback) : fallback
    if (value === undefined) missing.push(name)
    return value ?? ''
  })
  const rest = template.replace(expression, '')
  if (rest.includes('{{')) refused.push('{{')
  return { text, literal: template.replace(expression, () => literals.shift() ?? ''), variables, missing, refused }
}
