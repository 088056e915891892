import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { saveDashboard } from '../../contracts/v1/tools/save-dashboard.ts'
import { boardsOf } from '../boards/board-store.ts'
import { sqlCheckOptions } from '../boards/run/runner-options.ts'
import { tellFindings } from '../boards/tell-findings.ts'
import { findingsOfText } from '../boards/text-findings.ts'
import { boardTarget, writeBoard } from '../boards/write-board.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { describeFaults, Fault } from '../envelope/fault.ts'

export const handler = defineHandler(saveDashboard, async ({ path, yaml, version }, { project, signal }) => {
  const store = boardsOf(project)
  if (store.files === undefined || store.files.settings.isReadOnly)
    throw new Fault('PERMISSION_DENIED', 'The boards of this project are not saved through the server.', {
      hint: 'Write the file where the project is kept.',
    })
  const target = await boardTarget(store.files, path)
  checkEnding(target.path, yaml)
  const board = await store.compile(yaml, target.path)
  const diagnostics = await findingsOfText(board, sqlCheckOptions(project, signal))
  const errors = diagnostics.filter(({ level }) => level === 'error')
  if (errors.length > 0) throw describeFaults(errors, (error) => faultOf(error, yaml))
  const saved = await writeBoard(store.files, target, yaml, version, signal)
  return {
    data: {
      path: saved.path,
      version: saved.version,
      created: saved.isNew,
      ...(saved.previous !== undefined && { previous_version: saved.previous }),
      diagnostics: tellFindings(diagnostics),
    },
  }
})

/** A text under the ending of the other kind would be another board: YAML as Markdown is prose, and no chart of it is shown. */
const checkEnding = (path: string, text: string): void => {
  const isMarkdown = path.endsWith('.md')
  const hasFrontMatter = /^---[ \t]*\r?\n[\s\S]*?\n---[ \t]*\r?\n\s*\S/.test(text)
  const keys = new Set(
    [...text.matchAll(/^(title|text|source|variables|queries|charts|rows|cols|grid|tabs|style)[ \t]*:/gm)].map(([, key]) => key),
  )
  const isYaml = !hasFrontMatter && keys.size > 1 && ['queries', 'charts', 'rows', 'cols', 'grid', 'tabs'].some((key) => keys.has(key))
  if (isMarkdown ? !isYaml : !hasFrontMatter) return
  const [is, other] = isMarkdown ? ['YAML', '.yml'] : ['Markdown with front matter', '.md']
  throw new Fault('VALIDATION_ERROR', `The text is ${is}, and "${path}" is no name for it.`, {
    path: 'path',
    hint: `Save it as "${path.replace(/\.[^.]+$/, other)}".`,
  })
}

const faultOf = ({ code, message, fix, line, column }: BoardDiagnostic, yaml: string): Fault =>
  new Fault('VALIDATION_ERROR', `${code}: ${message}`, {
    path: 'yaml',
    ...(fix !== undefined && { hint: fix }),
    position: { offset: offsetOf(yaml, line) + column - 1, line, column },
  })

const offsetOf = (text: string, line: number): number => {
  let offset = 0
  for (let count = 1; count < line; count++) offset = text.indexOf('\n', offset) + 1
  return offset
}
