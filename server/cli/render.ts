import { writeFile } from 'node:fs/promises'
import type { z } from 'zod'
import type { renderDashboard } from '../../contracts/v1/tools/render-dashboard.ts'
import { boardArgument, locatedOf, variablesOf } from './board-argument.ts'
import { callTool } from './call-tool.ts'
import { type Command, choiceOf, jsonFlag, listOf, numberOf, projectFlag, textOf, UsageError } from './command.ts'
import { printDiagnostics } from './print-diagnostics.ts'
import { printableLines, type Terminal } from './terminal.ts'

type Result = z.output<typeof renderDashboard.output>

const formats = ['terminal', 'text', 'json', 'html', 'svg', 'png'] as const

/** What the contract takes at most. */
const most = { tokens: 10_000_000, bytes: 16_777_216 }

export const command: Command = {
  usage: 'BOARD',
  positionals: [1, 1],
  flags: {
    format: { value: 'FORMAT', about: `One of ${formats.join(', ')}. Default: terminal on a terminal, else text.` },
    var: {
      value: 'NAME=VALUE',
      about: 'Value of a variable. Give it again for others; a name that comes again makes a list.',
      repeats: true,
    },
    chart: { value: 'NAME', about: 'Only this chart.' },
    width: { value: 'N', about: 'Pixels of a picture, or columns of a terminal.' },
    dark: { about: 'Dark colours, for pictures.' },
    'max-tokens': {
      value: 'N',
      about: 'Tokens at most, of all but PNG. Default: 25000; in a file, and of SVG and HTML, as many as there are.',
    },
    output: { value: 'FILE', short: 'o', about: 'Write there instead of to standard output.' },
    project: projectFlag,
    json: jsonFlag,
  },
  details: [
    'Runs the queries of a board and draws it. - reads the board from standard input.',
    'Findings go to standard error; text has them in it. Ends with 1 when there are errors, whatever could be drawn.',
  ],
  examples: [
    'dft render boards/sales.yml',
    'dft render boards/sales.yml --var region=North --format html -o sales.html',
    'dft render boards/sales.yml --chart revenue --format png --width 800 -o revenue.png',
  ],
  async run(invocation) {
    const { terminal, flags } = invocation
    const format = choiceOf(invocation, 'format', formats) ?? (terminal.width === undefined ? 'text' : 'terminal')
    const file = textOf(invocation, 'output')
    if (format === 'png' && file === undefined && terminal.width !== undefined && flags.json !== true)
      throw new UsageError('A PNG is no text for a terminal.', 'Name a file with -o FILE, or send it through a pipe.')
    const width = numberOf(invocation, 'width', 40, 4000) ?? (format === 'terminal' ? widthOf(terminal) : undefined)
    const chart = textOf(invocation, 'chart')
    const isShown = file !== undefined || ((format === 'svg' || format === 'html') && flags.json !== true)
    const maxTokens = numberOf(invocation, 'max-tokens', 200, most.tokens) ?? (isShown ? most.tokens : undefined)
    const options = {
      format,
      max_bytes: most.bytes,
      ...(maxTokens !== undefined && { max_tokens: maxTokens }),
      variables: variablesOf(listOf(invocation, 'var')),
      ...(chart !== undefined && { chart }),
      ...(width !== undefined && { width }),
      ...(flags.dark === true && { theme: 'dark' }),
    }
    const board = await boardArgument(invocation)
    return callTool<Result>(
      invocation,
      'render_dashboard',
      (project) => ({ ...board(project), ...options }),
      async (result) => {
        const content = contentOf(result)
        if (file !== undefined) await write(file, content)
        else terminal.out(typeof content === 'string' && terminal.width !== undefined ? printableLines(content) : content)
        if (format !== 'text' || file !== undefined) printDiagnostics(result.diagnostics.map(locatedOf), terminal)
      },
      ({ diagnostics }) => diagnostics.some(({ level }) => level === 'error'),
    )
  },
}

const write = async (file: string, content: string | Uint8Array): Promise<void> => {
  try {
    await writeFile(file, content)
  } catch (error) {
    throw new UsageError(`"${file}" cannot be written: ${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}.`)
  }
}

const widthOf = ({ width }: Terminal): number | undefined => (width === undefined ? undefined : Math.min(Math.max(width, 40), 4000))

const contentOf = ({ format, content = '', charts, title, variables }: Result): string | Uint8Array => {
  if (format === 'png') return Buffer.from(content, 'base64')
  if (format === 'json') return `${JSON.stringify({ title, variables, charts })}\n`
  return content.endsWith('\n') ? content : `${content}\n`
}
