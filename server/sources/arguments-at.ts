import { tokensOf } from './sql-tokens.ts'

/** How many arguments the call has whose name begins at a UTF-16 offset of a text; undefined when none does, or it has no end. */
export const argumentsAt = (sql: string, offset: number): number | undefined => {
  const tokens = (tokensOf(sql) ?? []).filter(({ start }) => start >= offset)
  const open = tokens.findIndex(({ text }) => text === '(')
  if (open === -1) return undefined
  let depth = 0
  let commas = 0
  for (const [index, { text }] of tokens.entries()) {
    if (index < open) continue
    if (/^[([{]$/.test(text)) depth++
    else if (/^[)\]}]$/.test(text)) depth--
    else if (text === ',' && depth === 1) commas++
    if (depth === 0) return index === open + 1 ? 0 : commas + 1
  }
  return undefined
}
