/** One simple command of a shell script: its words, without quotes, variables as they are written. */
export type ShellCommand = readonly string[]

/**
 * The simple commands of a script of plain shell: quotes, pipes, lists, groups, redirections and `$(...)`. The commands in
 * `$(...)` come before the one that they stand in, which has `$()` in their place; redirections are left out.
 */
export const shellCommands = (script: string): readonly ShellCommand[] => {
  const found: ShellCommand[] = []
  let at = 0

  const read = (end: string | undefined): void => {
    let words: string[] = []
    let word: string | undefined
    let redirects = false
    const endWord = (): void => {
      if (word !== undefined && !redirects) words.push(word)
      if (word !== undefined) redirects = false
      word = undefined
    }
    const endCommand = (): void => {
      endWord()
      // `VARIABLE=value` before a command is no word of it.
      while (/^\w+=/.test(words[0] ?? '')) words = words.slice(1)
      if (words.length > 0) found.push(words)
      words = []
    }
    const inner = (): void => {
      at += 2
      read(')')
      word = `${word ?? ''}$()`
    }
    for (; at < script.length; at++) {
      const char = script[at] as string
      if (char === end) break
      if (char === "'") {
        const close = script.indexOf("'", at + 1)
        word = (word ?? '') + script.slice(at + 1, close)
        at = close
      } else if (char === '"') {
        word ??= ''
        for (at++; script[at] !== '"'; at++) {
          if (script.startsWith('$(', at)) inner()
          else word += script[at]
        }
      } else if (script.startsWith('$(', at)) inner()
      else if ('\n;|&()'.includes(char)) endCommand()
      else if (char === ' ') endWord()
      else if (char === '>' || char === '<') {
        endWord()
        redirects = true
        if (script[at + 1] === '>') at++
      } else word = (word ?? '') + char
    }
    endCommand()
  }
  read(undefined)
  return found
}
