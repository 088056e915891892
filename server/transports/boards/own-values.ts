import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import type { CompiledBoard } from '../../boards/compiled-board.ts'
import { unknownVariable } from '../../boards/run/bind-variables.ts'
import { nearestName } from '../../envelope/nearest-name.ts'
import type { BoardRequest } from './view.ts'

/**
 * The values of an address that are of variables of the board. An address holds others too, such as those by which visits are
 * counted: they are left alone, and told only where one is near to the name of a variable.
 */
export const ownValues = (
  board: CompiledBoard,
  given: BoardRequest['values'],
): { readonly values: BoardRequest['values']; readonly findings: readonly BoardDiagnostic[] } => {
  const entries = Object.entries(given)
  const others = entries.flatMap(([name]) => (board.variables.has(name) ? [] : [name]))
  return {
    values: Object.fromEntries(entries.filter(([name]) => board.variables.has(name))),
    findings: others
      .slice(0, 1000)
      .filter((name) => nearestName(name, board.variables.keys()) !== undefined)
      .slice(0, 20)
      .map((name) => ({ ...unknownVariable(name, board), level: 'warning' })),
  }
}
