const frontMatter = /^---[ \t]*\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/
const chartTag = /^[ \t]*\{\{\s*chart\s+["']?([A-Za-z_][\w-]*)["']?\s*\}\}[ \t]*$/gm

/**
 * A Markdown board as YAML: its front matter with the lines where they stand in the file, and a layout of rows in which
 * `{{ chart name }}`, on a line of its own, is the chart of that name and all else is text.
 */
export const readMarkdownBoard = (text: string): string => {
  const match = frontMatter.exec(text)
  const body = match === null ? text : text.slice(match[0].length)
  // The first line of the file is the fence, so that every key keeps its line.
  const head = match === null ? '' : `# front matter\n${match[1]}\n`
  const rows: string[] = []
  let from = 0
  const addText = (part: string): void => {
    if (part.trim() !== '') rows.push(JSON.stringify({ text: part.trim() }))
  }
  for (const tag of body.matchAll(chartTag)) {
    addText(body.slice(from, tag.index))
    rows.push(JSON.stringify(tag[1]))
    from = tag.index + tag[0].length
  }
  addText(body.slice(from))
  return `${head}rows: [${rows.join(', ')}]\n`
}
