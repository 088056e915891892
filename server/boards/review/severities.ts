import { type BoardDiagnosticCode, diagnosticDefinitions } from '../../../contracts/v1/board/diagnostics.ts'

export type Severity = 'blocker' | 'warning' | 'nit'
export type Pass = 'structure' | 'data' | 'design' | 'fit'

/** Codes that do not keep a board from being drawn. */
type WarningCode = {
  [Code in BoardDiagnosticCode]: (typeof diagnosticDefinitions)[Code]['level'] extends 'warning' ? Code : never
}[BoardDiagnosticCode]

/** How bad a warning is: `warning` when a reader is misled or cannot read, `nit` when it is a matter of style. */
const ofWarning: Readonly<Record<WarningCode, 'warning' | 'nit'>> = {
  UNKNOWN_THEME: 'nit',
  STYLE_NOT_APPLIED: 'nit',
  SCHEMA_MIGRATED: 'nit',
  GRID_OVERLAP: 'warning',
  GRID_OVERFLOW: 'warning',
  UNREFERENCED_CHART: 'warning',
  UNREFERENCED_QUERY: 'nit',
  UNREFERENCED_VARIABLE: 'warning',
  HTML_POLICY_CAPPED: 'warning',
  DUPLICATE_COLUMN: 'warning',
  DUPLICATE_ROWS: 'warning',
  OPEN_BAR: 'warning',
  DOMAIN_CUTS: 'warning',
  LOG_SCALE_LENGTHS: 'warning',
  ZERO_ROWS: 'warning',
  MOSTLY_NULL: 'warning',
  SINGLE_POINT: 'warning',
  RESULT_TRUNCATED: 'warning',
  UNKNOWN_COLOR: 'nit',
  UNKNOWN_PLACE: 'warning',
  PIE_TOO_MANY_SLICES: 'warning',
  PIE_DOMINANT_SLICE: 'warning',
  PIE_ONE_SLICE: 'warning',
  TOO_MANY_COLORS: 'warning',
  TOO_MANY_CATEGORIES: 'warning',
  MISSING_FORMAT: 'warning',
  MIXED_FORMATS: 'warning',
  FORMAT_NOT_NAMED: 'nit',
  MISSING_UNIT: 'warning',
  SCALE_MISMATCH: 'warning',
  REDUNDANT_COLOR: 'nit',
  MISSING_TITLE: 'warning',
  MISSING_NOTES: 'nit',
  DUPLICATE_QUERY: 'nit',
  SELECT_STAR: 'nit',
  LIMIT_WITHOUT_ORDER: 'warning',
  TOO_MANY_CHARTS: 'warning',
  KPI_NOT_FIRST: 'warning',
  LOW_CONTRAST: 'warning',
  TEXT_TRUNCATED: 'warning',
  LABELS_COLLIDE: 'warning',
  CHART_TOO_SMALL: 'warning',
  CHARACTERS_NOT_BUNDLED: 'nit',
  TABLE_CUT: 'nit',
}

const passes = { compile: 'structure', data: 'data', design: 'design', fit: 'fit' } as const

/** An error keeps something from being drawn, so it is a blocker whatever its code. */
export const severityOf = (code: string): Severity => (Object.hasOwn(ofWarning, code) ? ofWarning[code as WarningCode] : 'blocker')

export const passOf = (code: string): Pass =>
  Object.hasOwn(diagnosticDefinitions, code) ? passes[diagnosticDefinitions[code as BoardDiagnosticCode].found] : 'structure'
