import { type BoardDiagnostic, type BoardDiagnosticCode, diagnosticDefinitions } from '../../../contracts/v1/board/diagnostics.ts'
import { entryOf } from '../../envelope/entry-of.ts'
import type { BoundChart } from '../compiled-board.ts'

/** What is said about a chart while it is drawn. A warning that the chart ignores by name is not kept; nothing is said twice. */
export class Findings {
  readonly all: BoardDiagnostic[] = []
  readonly #bound: BoundChart

  constructor(bound: BoundChart) {
    this.#bound = bound
  }

  /**
   * @param key the key of the chart that is wrong, or keys within it: "support.value"; without one it is the chart.
   * @param fix what to do; default: what the list of codes says.
   */
  add(code: BoardDiagnosticCode, message: string, key = '', fix: string = diagnosticDefinitions[code].fix): void {
    const { level } = diagnosticDefinitions[code]
    if (level === 'warning' && this.#bound.chart.warnings_ignore?.includes(code)) return
    if (this.all.some((finding) => finding.code === code && finding.message === message)) return
    const { file, line, column } = entryOf(this.#bound.places, key.split('.', 1)[0] as string) ?? this.#bound.place
    this.all.push({ level, code, message, fix, file, line, column, chart: this.#bound.id })
  }

  /** The error that keeps the chart from being drawn. */
  get error(): BoardDiagnostic | undefined {
    return this.all.find(({ level }) => level === 'error')
  }
}
