/** Boards of the field, unedited: what is found in their text, and what each shows on real data in both databases. */
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BoardDiagnostic } from '../../contracts/v1/board/diagnostics.ts'
import type { Dialect } from '../../server/sources/source.ts'
import type { BoardProject } from '../support/board-project.ts'
import { root } from '../support/project-files.ts'
import { manifestOf, warehouseProject, warehouses } from '../support/warehouse.ts'
import { jaffleShop } from './jaffle-shop.ts'

const folder = resolve(root, '../shared/cases/boards')

/** Every file of a folder of cases, by its path in it. */
const filesOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(resolve(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.(ya?ml|md)$/.test(entry.name) && !/^(dataface|dbt_charts)\.ya?ml$/.test(entry.name))
      .map((entry) => resolve(entry.parentPath, entry.name))
      .map((path) => [relative(resolve(folder, name), path), readFileSync(path, 'utf8')]),
  )

interface Case {
  readonly folder: string
  readonly sources: readonly string[]
  readonly statements: () => readonly string[]
  readonly files?: Readonly<Record<string, string>>
  /** Board to the findings of its text, then to those of its data and picture that its text does not have. */
  readonly boards: Readonly<
    Record<string, { readonly text: readonly string[]; readonly shown: Readonly<Record<Dialect, readonly string[]>> }>
  >
}

const both = (codes: readonly string[]) => ({ postgres: codes, duckdb: codes })

const cases: readonly Case[] = [
  {
    folder: 'dbt-charts-tutorial_dbt',
    sources: ['dbt_charts_examples'],
    statements: () => warehouses.shop,
    files: { 'target/manifest.json': manifestOf('main', ['fct_orders']) },
    boards: {
      'charts/general/kpi-dashboard.yml': {
        text: ['22 UNREFERENCED_QUERY'],
        shown: both(['1 CHARACTERS_NOT_BUNDLED', '31 MISSING_FORMAT']),
      },
      'charts/general/marketing_dashboard.yml': { text: [], shown: both(['48 MISSING_FORMAT', '66 MISSING_FORMAT', '73 MISSING_FORMAT']) },
      'charts/variables/analytics-dashboard.yml': {
        text: ['44 UNREFERENCED_QUERY', '154 UNREFERENCED_QUERY'],
        shown: {
          duckdb: ['212 MISSING_FORMAT', '218 MISSING_FORMAT', '224 REDUNDANT_COLOR', '224 MISSING_FORMAT', '233 MISSING_FORMAT'],
          postgres: ['81 QUERY_FAILED', '212 MISSING_FORMAT', '224 REDUNDANT_COLOR', '224 MISSING_FORMAT', '233 MISSING_FORMAT'],
        },
      },
      'charts/variables/drill-down.yml': { text: [], shown: both(['40 MISSING_FORMAT', '49 DUPLICATE_ROWS', '55 TABLE_CUT']) },
    },
  },
  {
    folder: 'dbt-charts-playground',
    sources: ['examples_db', 'kpi_specimens'],
    statements: () => warehouses.sales,
    boards: {
      'charts/cards/kpi-variants.yml': { text: [], shown: both([]) },
      'charts/composition/sales-report.yml': {
        text: ['8 SCHEMA_MIGRATED', '9 SCHEMA_MIGRATED', '12 UNKNOWN_THEME', '16 UNKNOWN_THEME'],
        shown: both(['30 MISSING_FORMAT']),
      },
      'charts/reference/link-examples.yml': {
        text: [],
        shown: both(['44 MISSING_FORMAT', '51 MISSING_FORMAT', '58 MISSING_FORMAT', '65 MISSING_FORMAT']),
      },
      'charts/reference/query-reuse-and-caching.yml': {
        text: ['6 SCHEMA_MIGRATED'],
        shown: {
          duckdb: ['83 MISSING_FORMAT', '89 MISSING_FORMAT', '97 MISSING_FORMAT', '105 MISSING_FORMAT'],
          postgres: ['36 QUERY_FAILED'],
        },
      },
    },
  },
  {
    folder: 'jaffle-sandbox',
    sources: ['warehouse'],
    statements: jaffleShop,
    boards: {
      'faces/jaffle_shop_overview.yaml': {
        text: ['2 SCHEMA_MIGRATED', '23 UNREFERENCED_QUERY', '112 UNKNOWN_CHART'],
        shown: both(['55 MISSING_FORMAT']),
      },
    },
  },
  {
    folder: 'dundersign-dbt-postgres',
    sources: ['dundersign'],
    statements: () => warehouses.pipeline,
    boards: {
      'charts/guide.yaml': { text: ['125 UNREFERENCED_VARIABLE'], shown: both(['70 MISSING_FORMAT', '77 MISSING_FORMAT']) },
      'charts/sales-pipeline.yml': { text: [], shown: both([]) },
    },
  },
  {
    folder: 'dbt_weather_demo',
    sources: ['weather'],
    statements: () => [],
    boards: {
      'faces/guide.yaml': {
        text: ['16 SCHEMA_MIGRATED', '114 UNREFERENCED_VARIABLE'],
        shown: both(['59 MISSING_FORMAT', '66 MISSING_FORMAT']),
      },
    },
  },
  {
    folder: 'dbt_weather_demo/projects/weather_foundation',
    sources: ['weather'],
    statements: () => [],
    boards: {
      'faces/semantic-alert-impact.yaml': {
        text: [
          '2 SCHEMA_MIGRATED',
          '6 QUERY_UNSUPPORTED',
          '15 QUERY_UNSUPPORTED',
          '23 QUERY_UNSUPPORTED',
          '32 QUERY_UNSUPPORTED',
          '42 QUERY_UNSUPPORTED',
        ],
        shown: both([]),
      },
      'faces/semantic-forecast-quality.yaml': {
        text: [
          '2 SCHEMA_MIGRATED',
          '6 QUERY_UNSUPPORTED',
          '14 QUERY_UNSUPPORTED',
          '21 QUERY_UNSUPPORTED',
          '28 QUERY_UNSUPPORTED',
          '35 QUERY_UNSUPPORTED',
          '45 QUERY_UNSUPPORTED',
        ],
        shown: both([]),
      },
      'faces/semantic-service-adoption.yaml': {
        text: [
          '2 SCHEMA_MIGRATED',
          '6 QUERY_UNSUPPORTED',
          '15 QUERY_UNSUPPORTED',
          '23 QUERY_UNSUPPORTED',
          '32 QUERY_UNSUPPORTED',
          '40 QUERY_UNSUPPORTED',
          '40 UNREFERENCED_QUERY',
          '50 QUERY_UNSUPPORTED',
        ],
        shown: both([]),
      },
    },
  },
]

/** Where pictures are written to be looked at; nowhere unless it is said. */
const pictures = process.env.BOARD_PICTURES

/** `line CODE`, each once, in the order of the file. */
const told = (diagnostics: readonly BoardDiagnostic[]): string[] => [
  ...new Set(diagnostics.toSorted((a, b) => a.line - b.line).map(({ line, code }) => `${line} ${code}`)),
]

describe.each(cases)('$folder', ({ folder: name, sources, statements, files, boards }) => {
  describe.each(['duckdb', 'postgres'] as const)('%s', (dialect) => {
    let project: BoardProject
    beforeAll(async () => {
      project = await warehouseProject(dialect, statements(), sources, {
        ...filesOf(name),
        ...files,
      })
    })
    afterAll(() => project.close())

    test('has these boards', async () => {
      const { dashboards } = await project.data<{ dashboards: { path: string }[] }>('list_dashboards', { limit: 100 })
      expect(dashboards.map(({ path }) => path)).toEqual(Object.keys(boards))
    })

    test.each(Object.entries(boards))('%s', async (path, { text, shown }) => {
      const validated = await project.data<{ diagnostics: BoardDiagnostic[] }>('validate_yaml', { path })
      const rendered = await project.data<{ diagnostics: BoardDiagnostic[]; content: string }>('render_dashboard', { path, format: 'png' })
      if (pictures !== undefined) {
        await mkdir(pictures, { recursive: true })
        await writeFile(resolve(pictures, `${dialect}-${path.replaceAll('/', '-')}.png`), Buffer.from(rendered.content, 'base64'))
      }
      const own = new Set(text)
      const found = { text: told(validated.diagnostics), shown: told(rendered.diagnostics).filter((one) => !own.has(one)) }
      expect(found).toEqual({ text, shown: shown[dialect] })
      const { counts } = await project.data<{ counts: { blockers: number } }>('review_dashboard', { path })
      expect(counts.blockers > 0).toBe(rendered.diagnostics.some(({ level }) => level === 'error'))
    })
  })
})
