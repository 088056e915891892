import { posix } from 'node:path'
import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import { listDashboards } from '../../contracts/v1/tools/list-dashboards.ts'
import { boardsOf } from '../boards/board-store.ts'
import type { CompiledBoard } from '../boards/compiled-board.ts'
import { countFindings } from '../boards/count-findings.ts'
import { plainTitle } from '../boards/plain-title.ts'
import { sqlCheckOptions } from '../boards/run/runner-options.ts'
import { findingsOfText } from '../boards/text-findings.ts'
import { defineHandler } from '../dispatch/define-handler.ts'
import { fitItems } from '../envelope/fit-items.ts'
import { defaultLimits } from '../projects/project.ts'

export const handler = defineHandler(listDashboards, async ({ folder, tag, limit, cursor }, { project, cursors, signal }) => {
  const store = boardsOf(project)
  const asked = folder === undefined ? '.' : (store.files?.canonical(`./${folder}/.`) ?? folder)
  const below = asked === '.' ? '' : `${asked}/`
  const stored = await store.all()
  const boards = stored
    .map(({ board }) => board)
    .filter(({ path, tags }) => path.startsWith(below) && (tag === undefined || tags.includes(tag)))
  const request = ['list_dashboards', folder, tag]
  const after = cursor === undefined ? '' : (cursors.open(request, cursor) as string)
  const rest = boards.filter(({ path }) => path > after)
  const options = sqlCheckOptions(project, signal)
  const described = await Promise.all(rest.slice(0, limit).map(async (board) => describe(board, await findingsOfText(board, options))))
  const page = await fitItems(described, defaultLimits.defaultTokens)
  const last = page.at(-1)
  return {
    warnings: store.warnings(),
    data: {
      dashboards: [...page],
      total: boards.length,
      ...(last !== undefined && rest.length > page.length && { next_cursor: cursors.seal(request, last.path) }),
    },
  }
})

const describe = (board: CompiledBoard, diagnostics: readonly BoardDiagnostic[]) => ({
  path: board.path,
  title: plainTitle(board.title ?? posix.basename(board.path, posix.extname(board.path)), board.variables.keys()),
  ...(board.notes !== undefined && { notes: board.notes.slice(0, 500) }),
  tags: [...board.tags],
  charts: board.charts.size,
  variables: [...board.variables.keys()],
  findings: countFindings(diagnostics),
})
