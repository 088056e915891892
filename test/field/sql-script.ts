/**
 * The statements of a script as psql takes it, without psql's own commands and without the rows behind COPY: divided at
 * semicolons outside quotes, dollar quotes and comments.
 */
export const statementsOf = (script: string): string[] => {
  const text = script.replace(/^COPY .* FROM stdin;\n[\s\S]*?^\\\.$/gm, '').replace(/^\\.*$/gm, '')
  const statements: string[] = []
  const token = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?\*\/|;/g
  let from = 0
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] !== ';') continue
    statements.push(text.slice(from, match.index).trim())
    from = token.lastIndex
  }
  statements.push(text.slice(from).trim())
  return statements.filter((statement) => statement.replace(/--[^\n]*/g, '').trim() !== '')
}
