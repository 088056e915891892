import { styleText } from 'node:util'

type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan'

/** Where a command writes: results to `out`, everything said about them to `err`. */
export interface Terminal {
  out(content: string | Uint8Array): void
  /** The same for results of any length: resolves when the reader has taken it. */
  send(content: string | Uint8Array): Promise<void>
  err(text: string): void
  /** Columns of the terminal that `out` is; undefined when it is none, so that nothing is cut. */
  readonly width: number | undefined
  /** Colours text for `out`; gives it back as it is where colours are not wanted. */
  paint(style: Style, text: string): string
  /** The same for `err`. */
  paintError(style: Style, text: string): string
  /** Whether a person reads `err`; else a program may, line by line. */
  readonly isErrRead: boolean
}

export interface TerminalOptions {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly env: Readonly<Record<string, string | undefined>>
}

/** Colours go to terminals only, and not where NO_COLOR is set (https://no-color.org) or the terminal is dumb. */
export const createTerminal = ({ stdout, stderr, env }: TerminalOptions): Terminal => {
  const wanted = (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  const painter = (coloured: boolean) => (style: Style, text: string) =>
    coloured ? styleText(style, text, { validateStream: false }) : text
  return {
    out: (content) => void stdout.write(content),
    send: (content) => new Promise((resolve) => stdout.write(content, () => resolve())),
    err: (text) => void stderr.write(text),
    width: stdout.isTTY ? stdout.columns || 80 : undefined,
    paint: painter(wanted && stdout.isTTY === true),
    paintError: painter(wanted && stderr.isTTY === true),
    isErrRead: stderr.isTTY === true,
  }
}

/** Text of others made safe to print on one line: no control characters, so that no data can steer the terminal. */
export const printable = (text: string): string =>
  text
    .replace(/\r\n|[\n\r\u2028\u2029]/g, '↵')
    .replace(/\t/g, ' ')
    .replace(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')

/** The same for text of several lines: its line ends and tabs stay. */
export const printableLines = (text: string): string =>
  text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\ufffd')
