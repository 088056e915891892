import { createScanner, findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'

/** JSON with comments, with a property more in one of its objects, at the end of it; not a letter of the rest is another one. */
export const insertProperty = (text: string, path: readonly string[], name: string, value: unknown): string => {
  const root = parseTree(text, [], { allowTrailingComma: true })
  const object = root === undefined ? undefined : findNodeAtLocation(root, [...path])
  if (object?.type !== 'object') throw new Error('there is no object to add to')
  const inside = text.slice(object.offset, object.offset + object.length)
  const [last] = object.children?.slice(-1) ?? []
  const unit = /^([ \t]+)\S/m.exec(text)?.[1] ?? '  '
  const isOneLine = last !== undefined && !inside.includes('\n')
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  const outer = indentOf(text, object.offset)
  const own = last === undefined ? `${outer}${unit}` : indentOf(text, last.offset)
  const json = isOneLine ? JSON.stringify(value) : JSON.stringify(value, null, unit).replaceAll('\n', `${eol}${own}`)
  const property = `${isOneLine ? ' ' : `${eol}${own}`}${JSON.stringify(name)}: ${json}`
  if (last === undefined) {
    const end = inside.includes('\n') ? '' : `${eol}${outer}`
    return `${text.slice(0, object.offset + 1)}${property}${end}${text.slice(object.offset + 1)}`
  }
  const comma = commaAfter(text, last)
  const at = comma ?? last.offset + last.length
  // A comment in the rest of its line is about what stands before it.
  const start = at + (isOneLine ? 0 : (/^[ \t]*(?:\/\/[^\r\n]*|\/\*[^\r\n]*\*\/[ \t]*)(?=\r?\n)/.exec(text.slice(at))?.[0].length ?? 0))
  return `${text.slice(0, at)}${comma === undefined ? ',' : ''}${text.slice(at, start)}${property}${comma === undefined ? '' : ','}${text.slice(start)}`
}

/** The spaces at the start of the line in which a place lies. */
const indentOf = (text: string, offset: number): string => /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1))?.[0] ?? ''

/** Where the comma behind a property ends; undefined when there is none. */
const commaAfter = (text: string, { offset, length }: Node): number | undefined => {
  const scanner = createScanner(text, true)
  scanner.setPosition(offset + length)
  scanner.scan()
  return text[scanner.getTokenOffset()] === ',' ? scanner.getTokenOffset() + 1 : undefined
}
