import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from '../support/project-files.ts'

export const operationsFolder = 'docs/operations'

/** The page of an alert, from the root. */
export const runbookPath = (alert: string): string => `${operationsFolder}/runbooks/${alert}.md`

/** The shell blocks of a text in Markdown. */
export const shellBlocks = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^```sh\n(.*?)^```$/gms)].map((match) => match[1] as string)

/** The parts of a text in Markdown below headings of a level, by heading; what stands before the first is ''. */
export const sections = (markdown: string, level: number): ReadonlyMap<string, string> => {
  const [before = '', ...parts] = markdown.split(new RegExp(`^${'#'.repeat(level)} `, 'm'))
  return new Map([['', before], ...parts.map((part) => [part.split('\n')[0] as string, part.slice(part.indexOf('\n') + 1)] as const)])
}

export const readRunbook = (alert: string): ReadonlyMap<string, string> =>
  sections(readFileSync(resolve(root, runbookPath(alert)), 'utf8'), 2)

/** The script of the part "First look" of a runbook. */
export const firstLook = (alert: string): string => shellBlocks(readRunbook(alert).get('First look') ?? '').join('')

/** The scripts of the part "Mitigation" of a runbook, by case. A runbook that knows one case has it under ''. */
export const mitigations = (alert: string): ReadonlyMap<string, string> => {
  const cases = [...sections(readRunbook(alert).get('Mitigation') ?? '', 3)].map(
    ([name, text]) => [name, shellBlocks(text).join('')] as const,
  )
  return new Map(cases.filter(([, script]) => script !== ''))
}
