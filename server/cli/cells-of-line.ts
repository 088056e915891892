/** The JSON texts of the values in a JSON array on one line, as they are written there, so that no number changes. */
export const cellsOf = (line: string): string[] => {
  const cells: string[] = []
  let start = 1
  let depth = 0
  for (let at = 1; at < line.length - 1; at++)
    switch (line.charCodeAt(at)) {
      case quote:
        at = endOfString(line, at)
        break
      case 91: // [
      case 123: // {
        depth++
        break
      case 93: // ]
      case 125: // }
        depth--
        break
      case 44: // ,
        if (depth > 0) break
        cells.push(line.slice(start, at))
        start = at + 1
    }
  if (line.length > 2) cells.push(line.slice(start, -1))
  return cells
}

const quote = 34
const backslash = 92

/** The place of the quote that ends the string that begins at `from`. */
const endOfString = (line: string, from: number): number => {
  for (let at = line.indexOf('"', from + 1); at !== -1; at = line.indexOf('"', at + 1)) {
    let escapes = 0
    while (line.charCodeAt(at - 1 - escapes) === backslash) escapes++
    if (escapes % 2 === 0) return at
  }
  return line.length
}
