import { boardProject } from '../support/board-project.ts'
import { measurePage } from './boards-page.ts'
import { type Aim, aimAtMost, median } from './figures.ts'

/** One chart of each kind that boards have most, over one query each. */
const chart = (at: number): string => {
  const name = `c${at}`
  const query = `SELECT CAST(range AS INT) AS n, concat('Name ', range % 12) AS name, DATE '2024-01-01' + CAST(range AS INT) AS day, (range * ${at + 37}) % 1000 AS sold FROM range(60) ORDER BY range`
  const short = `SELECT concat('Name ', range) AS name, (range * ${at + 37}) % 100 + 1 AS sold FROM range(12) ORDER BY range`
  switch (at % 5) {
    case 0:
      return `${name}: {type: kpi, label: Sold, query: "SELECT ${at} AS sold", value: sold, style: {value: {format: integer}}}`
    case 1:
      return `${name}: {type: bar, title: By name, query: "${short}", x: name, y: sold}`
    case 2:
      return `${name}: {type: line, title: By day, query: "${query}", x: day, y: sold, color: name}`
    case 3:
      return `${name}: {type: table, title: Rows, query: "${short}"}`
    default:
      return `${name}: {type: area, title: By day, query: "SELECT day, sum(sold) AS sold FROM (${query}) GROUP BY day ORDER BY day", x: day, y: sold}`
  }
}

const board = (title: string, charts: number): string => {
  const names = Array.from({ length: charts }, (_, at) => `c${at}`)
  const rows = names.flatMap((_, at) => (at % 2 === 0 ? [`  - cols: [${names.slice(at, at + 2).join(', ')}]`] : []))
  return `title: ${title}\nnotes: N\nsource: duck\ncharts:\n${names.map((_, at) => `  ${chart(at)}\n`).join('')}rows:\n${rows.join('\n')}\n`
}

/** What boards cost: checking one, drawing one whose rows are kept, listing and searching many, and the page of one. */
export const measureBoards = async (rounds: number): Promise<{ report: string; aims: Aim[] }> => {
  const project = await boardProject({
    'dataface.yml': 'name: bench\nsources: {duck: {type: duckdb, files: {one: one.csv}}}\n',
    'one.csv': 'a\n1\n',
    'boards/twenty.yml': board('Twenty charts', 20),
    ...Object.fromEntries(Array.from({ length: 199 }, (_, at) => [`boards/many/${at}.yml`, board(`Board ${at}`, 6)])),
  })
  const yaml = board('Twenty charts', 20)
  const loads = {
    'validate a board of 20 charts': ['validate_yaml', () => ({ yaml }), 30],
    'draw 20 charts as SVG, rows kept': [
      'render_dashboard',
      () => ({ path: 'boards/twenty.yml', format: 'svg', max_tokens: 10_000_000 }),
      1000,
    ],
    'list 200 boards': ['list_dashboards', () => ({ limit: 200 }), 100],
    'search 200 boards': ['search_dashboards', (round: number) => ({ query: `board ${round}` }), 100],
  } as const
  const aims: Aim[] = []
  const lines: string[] = []
  try {
    for (const [load, [tool, input, most]] of Object.entries(loads)) {
      const times: number[] = []
      for (let round = 0; round < rounds + 2; round++) {
        const started = performance.now()
        await project.data(tool, input(round))
        times.push(performance.now() - started)
      }
      const [first = Number.NaN, , ...warm] = times
      lines.push(`| ${load} | ${first.toFixed(0)} | ${median(warm).toFixed(1)} |`)
      aims.push(aimAtMost(`${load}, ms`, median(warm), most))
    }
  } finally {
    await project.close()
  }
  const page = await measurePage(rounds)
  return { report: ['## Boards', '| load | first, ms | then, ms (median) |', '| --- | ---: | ---: |', ...lines, '', page].join('\n'), aims }
}
