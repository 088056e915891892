import type { BoardDiagnostic } from '../../../contracts/v1/board/diagnostics.ts'
import { cutText } from '../../envelope/fault.ts'
import type { ReadQuery } from '../compile/read-queries.ts'
import type { BoundBoard, CompiledBoard } from '../compiled-board.ts'
import { maxFindings as maxBlockers } from '../tell-findings.ts'
import { checkCharts } from './check-charts.ts'
import { checkLayout } from './check-layout.ts'
import { checkQueries } from './check-queries.ts'
import { type Pass, passOf, type Severity, severityOf } from './severities.ts'

export interface ReviewFinding {
  readonly severity: Severity
  readonly pass: Pass
  readonly code: string
  readonly finding: string
  readonly fix: string
  readonly file: string
  readonly line: number
  readonly chart?: string
  readonly query?: string
}

export interface Review {
  /** The worst first, then by place. */
  readonly findings: readonly ReviewFinding[]
  /** Of all findings, those left out too. */
  readonly counts: { readonly blockers: number; readonly warnings: number; readonly nits: number }
  /** Markdown, a line for each of the findings. */
  readonly verdict: string
}

const rank: Readonly<Record<Severity, number>> = { blocker: 0, warning: 1, nit: 2 }

/**
 * Judges a board that was run and drawn: what compiling, running and drawing found, and the rules of structure and design.
 * At most `maxFindings` are told, and every blocker up to a number.
 */
export const reviewBoard = (
  board: CompiledBoard,
  bound: BoundBoard,
  diagnostics: readonly BoardDiagnostic[],
  read: readonly ReadQuery[],
  maxFindings: number,
): Review => {
  const all = distinct(
    [...diagnostics, ...checkLayout(board, bound), ...checkCharts(bound), ...checkQueries(board, read)].map(findingOf),
  ).sort((a, b) => rank[a.severity] - rank[b.severity] || compareText(a.file, b.file) || a.line - b.line)
  const count = (severity: Severity) => all.filter((one) => one.severity === severity).length
  const counts = { blockers: count('blocker'), warnings: count('warning'), nits: count('nit') }
  const findings = all.slice(0, Math.max(maxFindings, Math.min(counts.blockers, maxBlockers)))
  return { findings, counts, verdict: findings.length === 0 ? '**No findings.**' : findings.map(lineOf).join('\n') }
}

const findingOf = ({ level, code, message, fix, file, line, chart, query }: BoardDiagnostic): ReviewFinding => ({
  severity: level === 'error' ? 'blocker' : severityOf(code),
  pass: passOf(code),
  code,
  finding: cutText(oneLine(message)),
  fix: cutText(oneLine(fix ?? 'Correct it where the finding points.')),
  file,
  line,
  ...(chart !== undefined && { chart }),
  ...(query !== undefined && { query }),
})

const lineOf = ({ severity, pass, file, line, finding, fix }: ReviewFinding): string =>
  `${severity} [${pass}] ${file}:${line} ${finding} — ${fix}`

/** The same said of the same line is one finding, as of a query that several charts use. */
const distinct = (findings: readonly ReviewFinding[]): ReviewFinding[] => {
  const seen = new Set<string>()
  return findings.filter(({ code, file, line, finding }) => {
    const key = JSON.stringify([code, file, line, finding])
    return !seen.has(key) && seen.add(key)
  })
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
