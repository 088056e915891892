import { validateYaml } from '../../contracts/v1/tools/validate-yaml.ts'
import { boardsOf } from '../boards/board-store.ts'
import { countFindings } from '../boards/count-findings.ts'
import { boardOfInput } from '../boards/find-board.ts'
import { sqlCheckOptions } from '../boards/run/runner-options.ts'
import { sarifOf } from '../boards/sarif.ts'
import { tellFindings } from '../boards/tell-findings.ts'
import { findingsOfText } from '../boards/text-findings.ts'
import { defineHandler } from '../dispatch/define-handler.ts'

export const handler = defineHandler(validateYaml, async (input, { project, signal }) => {
  const { board } = await boardOfInput(boardsOf(project), input)
  const diagnostics = await findingsOfText(board, sqlCheckOptions(project, signal))
  const told = tellFindings(diagnostics)
  const counts = countFindings(diagnostics)
  return {
    data: {
      valid: counts.errors === 0,
      diagnostics: told,
      counts,
      ...(board.title !== undefined && { title: board.title }),
      charts: [...board.charts.keys()],
      queries: [...board.queries.keys()],
      variables: [...board.variables.keys()],
      ...(input.format === 'sarif' && { sarif: sarifOf(told) }),
    },
  }
})
