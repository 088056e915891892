import { parseYaml } from '../../yaml/parse-yaml.ts'

const frontMatter = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/
const chartTag =
  /^[ \t]*\{\{-?\s*(?:(?:chart\s+|chart\s*\(\s*|charts\.)["']?(?<asked>[A-Za-z_][\w-]*)["']?\s*\)?|(?<alone>[A-Za-z_][\w-]*))\s*-?\}\}[ \t]*$/d

interface LinePlace {
  readonly line: number
  readonly column: number
}

/** A Markdown board as YAML. */
export interface MarkdownBoard {
  readonly yaml: string
  /** Where a place of the YAML stands in the file. */
  placeInFile(place: LinePlace): LinePlace
}

/** Columns before a text in the YAML. */
const indent = 4

/**
 * A Markdown board as YAML: its front matter with the lines where they stand in the file, and a layout of rows in which
 * `{{ chart name }}`, on a line of its own, is the chart of that name and all else is text. So is `{{ name }}`, where the front
 * matter has a chart of that name and no variable.
 */
export const readMarkdownBoard = (text: string): MarkdownBoard => {
  const match = frontMatter.exec(text)
  const body = (match === null ? text : text.slice(match[0].length)).split(/\r?\n/)
  const head = match === null ? [] : ['# front matter', ...(match[1] as string).split(/\r?\n/)]
  const front = parseYaml(match?.[1] ?? '', 'front matter', { merge: true })
  const has = (block: string, name: string): boolean => front.nodeAt([block, name]) !== undefined
  /** The chart that a line is, and where its name begins. */
  const chartOf = (line: string): { readonly name: string; readonly at: number } | undefined => {
    const found = chartTag.exec(line)
    const { asked, alone } = found?.groups ?? {}
    const name = asked ?? (alone !== undefined && has('charts', alone) && !has('variables', alone) ? alone : undefined)
    const places = found?.indices?.groups
    return name === undefined ? undefined : { name, at: (places?.asked ?? places?.alone)?.[0] ?? 0 }
  }
  const from = match === null ? 1 : head.length + 2
  const lines: string[] = []
  /** Of each line of the YAML behind the front matter, the line of the file, and how far its text was moved to the right. */
  const origins: { readonly line: number; readonly moved: number }[] = []
  const add = (yaml: string, line: number, moved: number): void => {
    lines.push(yaml)
    origins.push({ line: from + line, moved })
  }
  add('rows:', 0, 0)
  for (let at = 0; at < body.length; at++) {
    const line = body[at] as string
    const chart = chartOf(line)
    if (chart !== undefined) add(`- ${JSON.stringify(chart.name)}`, at, 3 - chart.at)
    else if (line.trim() !== '') {
      const next = body.findIndex((one, index) => index > at && chartOf(one) !== undefined)
      const part = body.slice(at, next < 0 ? undefined : next)
      // A line of its own before the text says how far it stands to the right.
      add(`- text: |${indent - 2}-`, at, 0)
      for (const [index, one] of part.entries()) add(one.trim() === '' ? '' : ' '.repeat(indent) + one, at + index, indent)
      at += part.length - 1
    }
  }
  return {
    yaml: [...head, ...(lines.length === 1 ? ['rows: []'] : lines), ''].join('\n'),
    placeInFile({ line, column }) {
      const origin = origins[line - head.length - 1]
      return origin === undefined ? { line, column } : { line: origin.line, column: Math.max(1, column - origin.moved) }
    },
  }
}
