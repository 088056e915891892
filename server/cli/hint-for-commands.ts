/** What callers of tools are told to call, as it is typed here. */
const typed: Readonly<Record<string, string>> = {
  list_sources: '`dft sources`',
  list_tables: '`dft tables SOURCE`',
  describe_table: '`dft describe SOURCE TABLE`',
  execute_query: '`dft query`',
  list_dashboards: '`dft boards`',
  render_dashboard: '`dft render`',
  review_dashboard: '`dft review`',
  validate_yaml: '`dft validate`',
  max_tokens: '--max-tokens',
  max_bytes: '--max-bytes',
}

/** The hint of a tool for a person at a terminal: commands and flags in place of tools and arguments. What is quoted stays. */
export const hintForCommands = (hint: string): string =>
  hint
    .replace(/ or catalog\b/g, '')
    .replace(/(?<!["\w.])[a-z]+_[a-z]+(?!["\w])/g, (word) => typed[word] ?? word)
    .replace(/\b([Cc])all `/g, (_, letter: string) => `${letter === 'C' ? 'R' : 'r'}un \``)
