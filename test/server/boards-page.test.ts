import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Listening, listen } from '../../server/transports/http/listen.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'
import { openBrowser } from '../support/browser.ts'
import { root } from '../support/project-files.ts'

const cars = `title: Cars
notes: What cars were like.
text: Cars **of the seventies**{% if origin %} from {{ origin }}{% endif %}.
source: vega
variables:
  origin: { label: From, options: [USA, Europe, Japan] }
  cylinders: { label: Cylinders, input: multiselect, options: [3, 4, 5, 6, 8] }
  name: { label: Name, input: text }
  power: { label: Least power, input: slider, min: 0, max: 200, step: 10 }
  heavy: { label: Heavy only, input: checkbox, default: false }
  period: { label: Built, input: daterange }
  kind: { label: Kind, input: radio, options: [small, large] }
queries:
  cars: |
    SELECT * FROM cars WHERE {{ filter('Origin', origin) }} AND {{ filter('Cylinders', cylinders) }}
      {% if name %} AND contains(lower(Name), lower({{ name }})) {% endif %}
      {% if power %} AND Horsepower >= {{ power }} {% endif %}
      {% if heavy %} AND Weight_in_lbs > 3500 {% endif %}
      {% if period %} AND {{ filter_date_range('Year', period) }} {% endif %}
      {% if kind == 'small' %} AND Cylinders < 5 {% endif %}
  figures: SELECT count(*) AS cars, max(Horsepower) AS power FROM {{ queries.cars }}
  by_origin: SELECT Origin AS origin, count(*) AS cars FROM cars GROUP BY ALL ORDER BY cars DESC
  by_cylinders: SELECT Cylinders AS cylinders, count(*) AS cars FROM {{ queries.cars }} GROUP BY ALL ORDER BY 1
  listed: SELECT Name AS name, Cylinders AS cylinders, Horsepower AS power FROM {{ queries.cars }} ORDER BY name, power
  broken: SELECT nothing FROM cars
charts:
  count: { type: kpi, query: figures, value: cars, label: Cars }
  most: { type: kpi, query: figures, value: power, label: Most power, link: "?heavy=true" }
  note: { type: callout, text: "Power is in **hp**. <script>alert(1)</script>", tone: warning }
  by_origin: { type: bar, query: by_origin, title: Cars by origin, x: origin, y: cars, select: origin }
  by_cylinders:
    type: bar
    query: by_cylinders
    title: Cars by cylinders
    x: cylinders
    y: cars
    drill: SELECT Name, Horsepower FROM {{ queries.cars }} WHERE Cylinders = {{ x }} ORDER BY ALL
  listed: { type: table, query: listed, title: All cars, drill: true }
  broken: { type: bar, query: broken, title: Broken, x: nothing, y: nothing }
rows:
  - cols: [count, most]
  - note
  - cols: [by_origin, by_cylinders]
  - tabs: { items: [{ title: Table, rows: [listed] }, { title: Failing, rows: [broken] }] }
`

let browser: Browser
beforeAll(async () => {
  browser = await openBrowser()
})
afterAll(() => browser?.close())

let project: BoardProject
let server: Listening
beforeEach(async () => {
  project = await boardProject({
    'dataface.yml': `name: test\nsources:\n  vega:\n    type: duckdb\n    files:\n      cars: ${join(root, 'node_modules/vega-datasets/data/cars.json')}\n`,
    'boards/cars.yml': cars,
    'boards/bad.yml': 'title: Bad\ncharts: {a: {type: bra}}\ntext: [',
    'boards/hello.yml': 'title: Hello\ntext: Hello **there** ![far](https://example.com/a.png)\n',
  })
  server = await listen({ app: await project.served.app(), port: 0, host: '127.0.0.1' })
})
afterEach(async () => {
  project.served.stopTaking()
  await server.close(500, project.served.close)
  await project.close()
})

interface Visit {
  readonly page: Page
  /** Requests to other hosts, and what the console says is wrong. */
  readonly faults: string[]
}

const visit = async (path: string, options: BrowserContextOptions = {}): Promise<Visit> => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const faults: string[] = []
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== server.url) faults.push(request.url())
  })
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text())
  })
  page.on('pageerror', (error) => faults.push(error.message))
  await page.goto(`${server.url}${path}`)
  return { page, faults }
}

/** How long a picture may take to be drawn anew on a busy machine. */
const patience = { timeout: 15_000 }

/** Leaves the page, which must have asked nobody else for anything and have nothing to complain of. */
const leave = async ({ page, faults }: Visit): Promise<void> => {
  await page.context().close()
  expect(faults).toEqual([])
}

const chart = (page: Page, id: string) => page.locator(`[data-chart=${id}]`)
const kpi = (page: Page, id = 'count') => chart(page, id).locator('.kpi-value')
const shows = async (page: Page, count: string): Promise<void> => {
  await kpi(page).getByText(count, { exact: true }).waitFor()
  await page.locator('[data-chart=by_origin]:not(.is-loading) .figure:not([aria-busy]) svg').waitFor()
}
/** Marks the picture of a chart, and waits until it stays: what is drawn first is drawn anew once its room is known. */
const atRest = (page: Page, id: string): Promise<void> => {
  const mark = `(() => { const { dataset } = document.querySelector('[data-chart=${id}] svg'); const { mine } = dataset; dataset.mine = 'yes'; return mine })()`
  return expect.poll(() => page.evaluate(mark), { ...patience, interval: 1_000 }).toBe('yes')
}
const query = (page: Page): string => decodeURIComponent(new URL(page.url()).search)

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe-core finds that keeps people from reading or using the page. */
const seriousFaults = async (page: Page): Promise<string[]> => {
  await page.addScriptTag({ content: axe })
  return page.evaluate(async () => {
    const { violations } = await (
      globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> } }
    ).axe.run()
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`)
  })
}

describe('the list of boards', () => {
  test('shows every board, broken ones too, and finds charts and queries', async () => {
    const opened = await visit('/boards')
    const { page } = opened
    expect(await page.locator('#results .entry-title').allTextContents()).toEqual(['bad', 'Cars', 'Hello'])
    expect(await page.locator('#results .badge.is-error').allTextContents()).toEqual([expect.stringMatching(/errors?$/)])
    await page.getByLabel('Search boards, charts and queries').fill('cylinders')
    await page.getByText('Cars by cylinders').waitFor()
    expect(query(page)).toBe('?q=cylinders')
    await page.getByText('Cars by cylinders').click()
    await page.getByRole('heading', { name: 'Cars', exact: true }).waitFor()
    await shows(page, '406')
    await leave(opened)
  })

  test('stands by folders, with numbers in their order, and shows the boards of a tag', async () => {
    for (const at of [10, 9]) await project.write(`boards/team/b${at}.yml`, `title: Week ${at}\ntags: [weekly]\ntext: x\n`)
    const opened = await visit('/boards')
    const { page } = opened
    expect(await page.locator('.folder').allTextContents()).toEqual(['boards', 'boards/team'])
    expect(await page.locator('.entry-title').allTextContents()).toEqual(['bad', 'Cars', 'Hello', 'Week 9', 'Week 10'])
    await page.getByRole('link', { name: 'weekly' }).first().click()
    await page.getByText('2 boards with the tag').waitFor()
    expect(await page.locator('.entry-title').allTextContents()).toEqual(['Week 9', 'Week 10'])
    await page.getByRole('link', { name: 'All boards' }).click()
    await page.getByText('5 boards').waitFor()
    await leave(opened)
  })

  test('is the same without scripts', async () => {
    const { page } = await visit('/boards?q=hello', { javaScriptEnabled: false })
    expect(await page.locator('#results .entry-title').allTextContents()).toContain('Hello')
    await page.context().close()
  })

  test('says which boards are like one that is not there', async () => {
    const response = await fetch(`${server.url}/boards/car.yml`)
    expect(response.status).toBe(404)
    expect(await response.text()).toContain('boards/cars.yml')
    for (const path of ['../dataface.yml', '..%2fdataface.yml', 'dataface.yml', '%ff', '%E0%A4%A', '%'])
      for (const [method, at] of [
        ['GET', `boards/${path}`],
        ['GET', `boards-files/csv/light/by_cylinders/${path}`],
        ['POST', `boards-data/${path}`],
        ['POST', `boards-drill/${path}`],
      ] as const)
        expect([at, (await fetch(`${server.url}/${at}`, { method })).status]).toEqual([at, 404])
  })
})

describe('the controls of a board', () => {
  test('change the data and the address; Back, Forward and Reset restore both', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await page.getByLabel('From', { exact: true }).selectOption('Japan')
    await shows(page, '79')
    expect(query(page)).toBe('?origin=Japan')
    await page.getByLabel('Name', { exact: true }).fill('toyota')
    await shows(page, '25')
    expect(query(page)).toBe('?origin=Japan&name=toyota')
    await page.goBack()
    await shows(page, '79')
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('')
    await page.goForward()
    await shows(page, '25')
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('toyota')
    await page.getByRole('button', { name: 'Reset' }).click()
    await shows(page, '406')
    expect(query(page)).toBe('')
    await leave(opened)
  })

  test.each<[string, string, string, (page: Page) => Promise<unknown>]>([
    [
      'a list of several',
      '?cylinders=6&cylinders=8',
      '192',
      async (page) => {
        await page.locator('#v-cylinders').click()
        await page.getByLabel('6', { exact: true }).check()
        await page.waitForURL(/cylinders=6/)
        await page.getByLabel('8', { exact: true }).check()
      },
    ],
    ['a slider', '?power=200', '11', (page) => page.getByLabel('Least power').fill('200')],
    ['a check box', '?heavy=true', '113', (page) => page.getByLabel('Heavy only').check()],
    ['days in words', '?period=last 30 days', '0', (page) => page.getByLabel('Built, in words').selectOption('last 30 days')],
    ['a choice of one', '?kind=small', '211', (page) => page.getByLabel('small').check()],
  ])('%s', async (_, address, count, act) => {
    const opened = await visit('/boards/cars')
    await shows(opened.page, '406')
    await act(opened.page)
    await kpi(opened.page).getByText(count, { exact: true }).waitFor()
    expect(query(opened.page).replaceAll('+', ' ')).toBe(address)
    await opened.page.reload()
    await kpi(opened.page).getByText(count, { exact: true }).waitFor()
    await leave(opened)
  })

  test('say what is wrong with a value that cannot be', async () => {
    const opened = await visit('/boards/cars?power=999&orign=USA')
    const { page } = opened
    const slider = page.getByRole('slider', { name: 'Least power' })
    await page.locator('.control').filter({ has: slider }).getByText('power is at most 200, and 999 is more.').waitFor()
    expect(await slider.getAttribute('aria-invalid')).toBe('true')
    await page.locator('#findings').getByText('power is at most 200').waitFor()
    await page.locator('#findings .is-warning').getByText('Did you mean "origin"?').waitFor()
    await chart(page, 'count').getByRole('heading', { name: 'Cars' }).waitFor()
    await chart(page, 'count').getByText('This chart cannot be shown').waitFor()
    await chart(page, 'by_origin').locator('svg').first().waitFor()
    await leave(opened)
  })
})

describe('the address of a board', () => {
  test('may hold what is of no variable: it is left alone, and nothing is said of it', async () => {
    const opened = await visit('/boards/cars?utm_source=mail&fbclid=x')
    const { page } = opened
    await shows(page, '406')
    expect(await page.locator('#findings').textContent()).toBe('')
    expect(await page.getByRole('button', { name: 'Reset' }).count()).toBe(0)
    await page.getByLabel('From', { exact: true }).selectOption('Japan')
    await shows(page, '79')
    expect(query(page)).toBe('?utm_source=mail&fbclid=x&origin=Japan')
    await page.getByRole('button', { name: 'Reset' }).click()
    await shows(page, '406')
    expect(query(page)).toBe('?utm_source=mail&fbclid=x')
    const csv = await fetch(`${server.url}/boards-files/csv/light/by_cylinders/cars?utm_source=mail&origin=Japan`)
    expect(await csv.text()).toBe('cylinders,cars\r\n3,4\r\n4,69\r\n6,6\r\n')
    await leave(opened)
  })

  test('holds the tab that is open, which Back, Forward and a link bring back', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    const selected = () => page.locator('[role=tab][aria-selected=true]').allTextContents()
    await shows(page, '406')
    await page.getByRole('tab', { name: 'Failing' }).click()
    expect(query(page)).toBe('?tab=Failing')
    await page.getByLabel('From', { exact: true }).selectOption('Japan')
    await shows(page, '79')
    expect(await selected()).toEqual(['Failing'])
    await page.goBack()
    await shows(page, '406')
    expect(await selected()).toEqual(['Failing'])
    await page.goBack()
    expect([query(page), await selected()]).toEqual(['', ['Table']])
    await page.goForward()
    await expect.poll(selected, patience).toEqual(['Failing'])
    await page.reload()
    await shows(page, '406')
    expect(await selected()).toEqual(['Failing'])
    await page.getByRole('tab', { name: 'Failing' }).press('ArrowLeft')
    expect([query(page), await selected()]).toEqual(['', ['Table']])
    await leave(opened)
  })

  test('names lists of tabs as the board does, and none as a variable; the name of an icon is no word of a tab', async () => {
    await project.write(
      'boards/tabs.yml',
      `variables: { tab: { label: Tab } }
rows:
  - tabs: { items: [{ title: One, icon: chart-bar, text: "{{ tab }}" }, { title: Two, icon: "★", text: two }] }
  - tabs: { id: view, default: B, items: [{ title: A, text: a }, { title: B, text: b }] }
  - tabs: { items: [{ title: Same, text: c }, { title: Same, text: d }] }
`,
    )
    const opened = await visit('/boards/tabs?view=A&tab2=2&tab-tab=Two&tab=x')
    const { page } = opened
    await page.locator('#board[data-ready]').waitFor()
    expect(await page.getByRole('tab').allTextContents()).toEqual(['One', '★ Two', 'A', 'B', 'Same', 'Same'])
    expect(await page.locator('[role=tabpanel]:visible').allTextContents()).toEqual(['two\n', 'a\n', 'd\n'])
    await page.getByRole('tab', { name: 'B' }).click()
    expect(query(page)).toBe('?tab2=2&tab-tab=Two&tab=x')
    await leave(opened)
  })

  test('may give a range one number, or two as people write them', async () => {
    await project.write(
      'boards/range.yml',
      `source: vega
variables: { power: { label: Power, input: range }, one: { label: One, input: range, default: 5, min: 0, max: 10 } }
queries: { q: "SELECT count(*) AS cars FROM cars {% if power %} WHERE Horsepower BETWEEN {{ power[0] }} AND {{ power[1] }} {% endif %}" }
charts: { count: { type: kpi, query: q, value: cars, label: Cars }, note: { type: callout, text: "{{ one }}" } }
`,
    )
    const opened = await visit('/boards/range?power=150')
    const { page } = opened
    await kpi(page).getByText('22', { exact: true }).waitFor()
    expect(await page.getByLabel('Power, from').inputValue()).toBe('150')
    expect(await page.getByLabel('Power, to').inputValue()).toBe('150')
    expect(await page.getByLabel('One', { exact: true }).inputValue()).toBe('5')
    await page.goto(`${server.url}/boards/range?power=150..160`)
    await kpi(page).getByText('31', { exact: true }).waitFor()
    await page.goto(`${server.url}/boards/range?power=strong`)
    await page.locator('.control').getByText('power takes a number, and "strong" is none.').waitFor()
    await leave(opened)
  })
})

describe('what depends on a control', () => {
  /** Ids of the charts that each answer from now on holds. */
  const watchAnswers = async (page: Page): Promise<string[][]> => {
    const answers: string[][] = []
    await page.route('**/boards-data/**', async (route) => {
      const response = await route.fetch()
      const lines = (await response.text()).trim().split('\n')
      answers.push(lines.flatMap((line) => (JSON.parse(line) as { chart?: { id: string } }).chart?.id ?? []).sort())
      await route.fulfill({ response })
    })
    return answers
  }

  test('is all that is asked for when it changes; the rest stays as it is drawn, with the marks that are chosen', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await atRest(page, 'by_origin')
    const answers = await watchAnswers(page)
    await page.getByLabel('From', { exact: true }).selectOption('Japan')
    await shows(page, '79')
    expect(answers).toEqual([['by_cylinders', 'count', 'listed', 'most']])
    expect(await chart(page, 'by_origin').locator('svg').first().getAttribute('data-mine')).toBe('yes')
    const faded = () =>
      chart(page, 'by_origin')
        .locator('.mark-rect.role-mark path')
        .evaluateAll((all) => all.map((bar) => bar.classList.contains('is-faded')))
    expect(await faded()).toEqual([true, false, true])
    await page.goBack()
    await shows(page, '406')
    expect(await faded()).toEqual([false, false, false])
    expect(await chart(page, 'by_origin').locator('svg').first().getAttribute('data-mine')).toBe('yes')
    await leave(opened)
  })

  test('comes when a chart is shown for the first time, and when what it shares its colours with changes', async () => {
    await project.write(
      'boards/parts.yml',
      `source: vega
variables:
  more: { input: checkbox, default: false }
  origin: { options: [USA, Japan] }
queries:
  kinds: SELECT Origin AS origin, Cylinders AS cylinders, count(*) AS cars FROM cars GROUP BY ALL ORDER BY ALL
  some: SELECT Origin AS origin, count(*) AS cars FROM cars WHERE {{ filter('Origin', origin) }} GROUP BY ALL ORDER BY ALL
charts:
  a: { type: bar, query: kinds, x: cylinders, y: cars, color: origin }
  b: { type: bar, query: some, x: origin, y: cars, color: origin }
  c: { type: table, query: kinds, title: "All{% if more %} and more{% endif %}" }
rows: [a, b, { rows: [c], visible: more }]
`,
    )
    const opened = await visit('/boards/parts')
    const { page } = opened
    await page.locator('[data-chart=b]:not(.is-loading) svg').waitFor()
    const answers = await watchAnswers(page)
    await page.getByLabel('More').check()
    await page.getByRole('heading', { name: 'All and more' }).waitFor()
    await page.getByLabel('Origin', { exact: true }).selectOption('Japan')
    await chart(page, 'b')
      .getByRole('application', { name: /origin \(text\): Japan\./ })
      .waitFor()
    expect(answers).toEqual([['c'], ['a', 'b']])
    await leave(opened)
  })
})

describe('a variable', () => {
  test('without options says so, and a value of the wrong kind is told and can be taken away alone', async () => {
    await project.write(
      'boards/kinds.yml',
      `source: vega
variables:
  from: { label: From, input: select }
  empty: { label: Empty, input: multiselect, options: { query: SELECT Origin FROM cars WHERE false } }
  least: { label: Least, input: number }
  day: { label: Day, input: date }
charts:
  count: { type: kpi, query: "SELECT count(*) AS cars FROM cars WHERE {{ filter('Horsepower', least, '>=') }} AND {{ filter('Origin', from) }}", value: cars }
`,
    )
    const opened = await visit('/boards/kinds?least=many&day=soon&from=USA')
    const { page } = opened
    await page.getByText('least takes a number, and "many" is none.').first().waitFor()
    expect(await page.locator('.control-note').allTextContents()).toEqual(['Nothing to choose from', 'Nothing to choose from'])
    expect(await page.locator('.chip.is-refused').allTextContents()).toEqual(['Leastmany×', 'Daysoon×'])
    await page.getByRole('button', { name: 'Clear Least: many' }).click()
    await kpi(page).getByText('254').waitFor()
    expect(query(page)).toBe('?day=soon&from=USA')
    await leave(opened)
  })

  const hidden = `source: vega
variables:
  picked: { visible: false }
  fixed: { visible: false, default: 4 }
  period: { label: Built, default: last 30 days }
  needed: { label: Needed, required: true }
queries:
  by_origin: SELECT Origin AS origin, count(*) AS cars FROM cars WHERE Cylinders = {{ fixed }} GROUP BY ALL ORDER BY cars DESC
  one: SELECT count(*) AS cars FROM cars WHERE {{ filter('Origin', picked) }}
  waits: SELECT {{ needed }} AS n FROM cars WHERE {{ filter_date_range('Year', period) }}
charts:
  by_origin: { type: bar, query: by_origin, x: origin, y: cars, select: picked }
  count: { type: kpi, query: one, value: cars, label: Cars }
  waits: { type: table, query: waits }
`

  test('without a control is told, and cleared when a press set it', async () => {
    await project.write('boards/hidden.yml', hidden)
    const opened = await visit('/boards/hidden')
    const { page } = opened
    await kpi(page).getByText('406').waitFor()
    expect(await page.locator('.chip:visible').allTextContents()).toEqual(['Fixed4'])
    expect(await page.getByLabel('Picked').count()).toBe(0)
    await chart(page, 'by_origin').locator('.mark-rect.role-mark path').first().click()
    await page.getByRole('button', { name: 'Clear Picked: USA' }).click()
    await kpi(page).getByText('406').waitFor()
    await leave(opened)
  })

  test('of days in words says which days they are, and one that is needed is waited for', async () => {
    await project.write('boards/hidden.yml', hidden)
    const opened = await visit('/boards/hidden')
    const { page } = opened
    await chart(page, 'waits').getByText('Waiting for a value').waitFor()
    await page.locator('.control').filter({ hasText: 'Needed' }).getByText('Choose a value for Needed.').waitFor()
    const days = page.locator('.control').filter({ hasText: 'Built' }).locator('.control-note')
    expect(await days.textContent()).toMatch(/^\d{4}-\d\d-\d\d – \d{4}-\d\d-\d\d$/)
    await page.emulateMedia({ media: 'print' })
    expect(await page.locator('.chip:visible').allTextContents()).toEqual(['Fixed4', expect.stringMatching(/^Built\d{4}/)])
    await leave(opened)
  })
})

test('of what is found about a board, errors are told first', async () => {
  await project.write(
    'boards/told.yml',
    'variables: { unused: { max: 1, input: number } }\nqueries: { q: { columns: [a], values: [[1]] } }\ncharts: { c: { type: table, query: q } }\n',
  )
  const opened = await visit('/boards/told?unused=2')
  const found = opened.page.locator('#findings li')
  await found.first().waitFor()
  expect(await found.evaluateAll((all) => all.map((one) => one.className))).toEqual(['is-error', 'is-warning'])
  await leave(opened)
})

describe('a mark', () => {
  test('of a histogram selects the range of its bin, and shows the rows in it', async () => {
    await project.write(
      'boards/bins.yml',
      `source: vega
variables: { power: { label: Power, input: range } }
queries:
  cars: SELECT Name AS name, Horsepower AS power FROM cars WHERE Horsepower IS NOT NULL ORDER BY name
  some: SELECT count(*) AS cars FROM {{ queries.cars }} {% if power %} WHERE power BETWEEN {{ power[0] }} AND {{ power[1] }} {% endif %}
charts:
  bins: { type: histogram, query: cars, x: power, bins: 10, select: power }
  rows: { type: histogram, query: cars, x: power, bins: 10, drill: true }
  count: { type: kpi, query: some, value: cars, label: Cars }
`,
    )
    const opened = await visit('/boards/bins')
    const { page } = opened
    await kpi(page).getByText('400', { exact: true }).waitFor()
    const bin = (id: string, at = 0) => chart(page, id).locator('.mark-rect.role-mark path').nth(at)
    const counts: string[] = []
    for (const at of [1, 0]) {
      await bin('bins', at).hover()
      const rows = (await page.locator('.tooltip .fact-value').allTextContents())[2] as string
      counts.unshift(rows)
      await bin('bins', at).click()
      await kpi(page).getByText(rows, { exact: true }).waitFor()
    }
    // The first bin ends before 60, which is of the second: its greatest value is the end that is inside.
    expect(query(page)).toBe('?power=[40,58]')
    const [rows = ''] = counts
    await bin('bins').click()
    await kpi(page).getByText('400', { exact: true }).waitFor()
    await bin('rows').click()
    await page
      .getByRole('dialog')
      .locator('tbody tr')
      .nth(Number(rows) - 1)
      .waitFor()
    expect(await page.getByRole('dialog').locator('tbody tr').count()).toBe(Number(rows))
    await leave(opened)
  })

  test('of a point or bubble map is told, selects and drills as others do', async () => {
    await project.write(
      'boards/places.yml',
      `variables: { city: { label: City } }
queries:
  places: { columns: [city, lat, lon, n], values: [[Seattle, 47.6, -122.3, 5], [Boston, 42.4, -71.1, 7], [Denver, 39.7, -105, 3], [Paris, 48.9, 2.4, 9]] }
  unnamed: { columns: [lat, lon, n], values: [[47.6, -122.3, 5], [42.4, -71.1, 7], [47.6, -122.3, 1]] }
charts:
  points: { type: point_map, query: places, latitude: lat, longitude: lon, select: city }
  bubbles: { type: bubble_map, query: places, latitude: lat, longitude: lon, size: n, geo_source: us-states, drill: true }
  unnamed: { type: point_map, query: unnamed, latitude: lat, longitude: lon, drill: true }
`,
    )
    const opened = await visit('/boards/places')
    const { page } = opened
    const marks = (id: string) => chart(page, id).locator('.mark-symbol.role-mark path')
    await marks('points').nth(1).hover()
    expect(await page.locator('.tooltip').textContent()).toContain('cityBoston')
    await marks('points').nth(1).click()
    await page.getByRole('button', { name: 'Clear City: Boston' }).waitFor()
    expect(await marks('points').evaluateAll((all) => all.map((mark) => mark.classList.contains('is-faded')))).toEqual([
      true,
      false,
      true,
      true,
    ])
    expect(await marks('bubbles').count()).toBe(3)
    for (const [id, heading, count] of [
      ['bubbles', 'Rows: Denver', 1],
      ['unnamed', 'Rows: 47.6, -122.3', 2],
    ] as const) {
      await marks(id).last().click()
      await page.getByRole('dialog').getByText(heading).waitFor()
      expect(await page.getByRole('dialog').locator('tbody tr').count()).toBe(count)
      await page.keyboard.press('Escape')
    }
    await leave(opened)
  })

  test('filters the board when it is pressed, with a chip that clears it, and again when it is pressed twice', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    const bars = chart(page, 'by_origin').locator('.mark-rect.role-mark path')
    await bars.nth(1).click()
    await shows(page, '79')
    expect(query(page)).toBe('?origin=Japan')
    await page.getByText('from Japan').waitFor()
    expect(await bars.evaluateAll((all) => all.map((bar) => bar.classList.contains('is-faded')))).toEqual([true, false, true])
    await page.getByRole('button', { name: 'Clear From: Japan' }).click()
    await shows(page, '406')
    await bars.nth(0).click()
    await shows(page, '254')
    await bars.nth(0).click()
    await shows(page, '406')
    expect(query(page)).toBe('')
    await leave(opened)
  })

  test('is reached, told and pressed by the keyboard; Escape takes the selection away', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await atRest(page, 'by_origin')
    const figure = chart(page, 'by_origin').locator('.figure')
    await figure.focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    expect(await page.locator('#status').textContent()).toBe('origin: Japan, cars: 79')
    await page.keyboard.press('Enter')
    await shows(page, '79')
    expect(await figure.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
    await page.keyboard.press('Escape')
    await shows(page, '406')
    await leave(opened)
  })

  test('keeps what the keyboard reached when it is drawn anew', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await atRest(page, 'by_origin')
    const bars = chart(page, 'by_origin').locator('.mark-rect.role-mark path')
    await chart(page, 'by_origin').locator('.figure').focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    const drawn = await bars.first().elementHandle()
    await page.setViewportSize({ width: 700, height: 900 })
    await expect.poll(() => drawn?.evaluate((element) => element.isConnected)).toBe(false)
    await atRest(page, 'by_origin')
    await expect.poll(() => page.locator('.tooltip').textContent()).toBe('originJapancars79')
    await page.keyboard.press('Enter')
    await shows(page, '79')
    await leave(opened)
  })

  test('is reached in the order that marks are seen in, however the rows are sorted', async () => {
    const bar = 'type: bar, query: q, x: x, y: y'
    await project.write(
      'boards/order.yml',
      `queries: { q: { columns: [x, y], values: [[b, 2], [c, 1], [a, 3]] } }
charts:
  lying: { ${bar} }
  standing: { ${bar}, style: { orientation: vertical }, sort: { by: x, order: asc } }
`,
    )
    const opened = await visit('/boards/order')
    const { page } = opened
    for (const id of ['lying', 'standing']) {
      await chart(page, id).locator('.mark-rect path').nth(2).waitFor()
      await chart(page, id).locator('.figure').focus()
      const told: (string | null)[] = []
      for (let step = 0; step < 3; step++) {
        await page.keyboard.press('ArrowRight')
        told.push(await page.locator('#status').textContent())
      }
      expect(told).toEqual(['x: a, y: 3', 'x: b, y: 2', 'x: c, y: 1'])
    }
    await leave(opened)
  })

  test('tells its values under the pointer', async () => {
    const opened = await visit('/boards/cars')
    await shows(opened.page, '406')
    await chart(opened.page, 'by_origin').locator('.mark-rect.role-mark path').first().hover()
    expect(await opened.page.locator('.tooltip').textContent()).toBe('originUSAcars254')
    await leave(opened)
  })

  test('drills to the rows behind it, under the values that are in force', async () => {
    const opened = await visit('/boards/cars?origin=Japan')
    const { page } = opened
    await shows(page, '79')
    await chart(page, 'by_cylinders').locator('.mark-rect.role-mark path').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('maxda rx3').waitFor()
    expect(await dialog.locator('tbody tr').count()).toBe(4)
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'hidden' })
    await chart(page, 'listed').getByRole('button', { name: 'Rows' }).first().click()
    await dialog.locator('tbody tr').first().waitFor()
    await leave(opened)
  })

  test('drills by the text of the board alone, and binds what a caller gives', async () => {
    const drill = (body: object) =>
      fetch(`${server.url}/boards-drill/cars`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    const asked = { values: {}, scheme: 'light', chart: 'by_cylinders', color: null }
    const attack = await drill({ ...asked, x: '3 OR 1=1' })
    expect(await attack.json()).toMatchObject({ table: null, findings: [{ code: 'QUERY_FAILED' }] })
    expect((await drill({ ...asked, x: 3, drill: 'SELECT 1' })).status).toBe(400)
    expect((await drill({ ...asked, x: 3, chart: 'by_origin' })).status).toBe(400)
  })

  test('a KPI whose link sets a variable does so in place', async () => {
    const opened = await visit('/boards/cars')
    await shows(opened.page, '406')
    await chart(opened.page, 'most').getByRole('link').click()
    await shows(opened.page, '113')
    expect(query(opened.page)).toBe('?heavy=true')
    await leave(opened)
  })
})

describe('a table', () => {
  test('is sorted by its heads and paged', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    const table = chart(page, 'listed')
    const powers = () => table.locator('tbody tr td:nth-child(3)').allTextContents()
    await table.getByText('1–10 of 406').waitFor()
    await table.getByRole('button', { name: 'Power' }).click()
    expect(await table.locator('th').nth(2).getAttribute('aria-sort')).toBe('descending')
    expect((await powers())[0]).toBe('230')
    await table.getByRole('button', { name: 'Power' }).click()
    expect((await powers())[0]).toBe('46')
    await table.getByRole('button', { name: 'Next' }).click()
    await table.getByText('11–20 of 406').waitFor()
    await leave(opened)
  })

  test('of very many rows is turned to its end at once, and is paged though its board asks for all of them', async () => {
    await project.write(
      'boards/many.yml',
      `source: vega
queries: { q: "SELECT range AS n, 'name ' || range AS name FROM range(2500)" }
charts: { all: { type: table, query: q, style: { pagination: false } }, paged: { type: table, query: q } }
`,
    )
    const opened = await visit('/boards/many')
    const { page } = opened
    await chart(page, 'all').getByText('1–1,000 of 2,500').waitFor()
    await chart(page, 'paged').getByRole('button', { name: 'Last »' }).click()
    await chart(page, 'paged').getByText('2,491–2,500 of 2,500').waitFor()
    await chart(page, 'paged').getByRole('button', { name: 'Name' }).click()
    await chart(page, 'paged').getByText('1–10 of 2,500').waitFor()
    expect(await chart(page, 'paged').locator('tbody tr td:nth-child(2)').first().textContent()).toBe('name 0')
    await leave(opened)
  })

  test('a row selects, leads on and drills, as far as its chart says', async () => {
    await project.write(
      'boards/rows.yml',
      `variables: {origin: {label: From}}
queries: {q: {columns: [origin, n], values: [[USA, 1], [Japan, 2]]}}
charts:
  t: {type: table, query: q, select: origin, link: "cars?origin={{ origin }}", drill: true}
  evil: {type: table, query: q, link: "javascript:alert({{ n }})"}
`,
    )
    const opened = await visit('/boards/rows')
    const { page } = opened
    const table = chart(page, 't')
    await table.getByRole('button', { name: 'Japan' }).click()
    await page.getByRole('button', { name: 'Clear From: Japan' }).waitFor()
    expect(await table.getByRole('button', { name: 'Japan' }).getAttribute('aria-pressed')).toBe('true')
    await table.getByRole('button', { name: 'Rows' }).last().click()
    expect(await page.getByRole('dialog').locator('tbody tr').allTextContents()).toEqual(['Japan2'])
    await page.keyboard.press('Escape')
    expect(await chart(page, 'evil').getByRole('link', { name: 'USA' }).count()).toBe(0)
    await table.getByRole('link', { name: 'Open' }).last().click()
    await shows(page, '79')
    await leave(opened)
  })

  test('stands for every plot', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await chart(page, 'by_origin').locator('.menu summary').click()
    await chart(page, 'by_origin').getByRole('button', { name: 'Show as table' }).click()
    const dialog = page.getByRole('dialog')
    expect(await dialog.locator('tbody tr').allTextContents()).toEqual(['USA254', 'Japan79', 'Europe73'])
    await dialog.getByRole('button', { name: 'Japan' }).click()
    await shows(page, '79')
    await leave(opened)
  })
})

describe('a download', () => {
  test('has the data and the pictures of a chart under the values in force', async () => {
    const opened = await visit('/boards/cars?origin=Japan')
    const { page } = opened
    await shows(page, '79')
    const fetchFile = async (name: string) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        (async () => {
          await chart(page, 'by_cylinders').locator('.menu summary').click()
          await chart(page, 'by_cylinders').getByRole('link', { name }).click()
          await page.keyboard.press('Escape')
        })(),
      ])
      return { name: download.suggestedFilename(), content: await readFile(await download.path()) }
    }
    const csv = await fetchFile('Download CSV')
    expect([csv.name, String(csv.content)]).toEqual(['cars-by_cylinders.csv', 'cylinders,cars\r\n3,4\r\n4,69\r\n6,6\r\n'])
    expect(String((await fetchFile('Download SVG')).content)).toMatch(/^<svg .*Cars by cylinders/s)
    expect((await fetchFile('Download PNG')).content.subarray(1, 4).toString()).toBe('PNG')
    await leave(opened)
  })

  test('writes CSV that no spreadsheet runs', async () => {
    await project.write(
      'boards/csv.yml',
      `queries:\n  q: {columns: [a, b], values: [['=1+1', -1], ['@x', 2.5], ['a"b,c', null], ['-2e3', 1], ["x\\ny", 0]]}\ncharts: {t: {type: table, query: q}}\n`,
    )
    const response = await fetch(`${server.url}/boards-files/csv/light/t/csv`)
    expect(await response.text()).toBe(`a,b\r\n'=1+1,-1\r\n'@x,2.5\r\n"a""b,c",\r\n-2e3,1\r\n"x\ny",0\r\n`)
  })

  test.each(['xls/light/listed/cars', 'csv/light/none/cars', 'csv/blue/listed/cars', 'csv/light/broken/cars', 'csv/light/a/none'])(
    'is refused when there is none: %s',
    async (path) => {
      const response = await fetch(`${server.url}/boards-files/${path}`)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    },
  )
})

describe('what goes wrong', () => {
  test('is told in place with file and line, and takes nothing else down', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await page.getByRole('tab', { name: 'Failing' }).click()
    const message = chart(page, 'broken').getByRole('alert')
    await message.getByText('Column "nothing" does not exist').waitFor()
    await message.getByText(/^boards\/cars\.yml:\d+:\d+$/).waitFor()
    await page.goto(`${server.url}/boards/bad`)
    await page
      .locator('#findings')
      .getByText(/^boards\/bad\.yml:\d+:\d+$/)
      .first()
      .waitFor()
    await leave(opened)
  })

  test('a chart has its title before its rows', async () => {
    const { page } = await visit('/boards/cars', { javaScriptEnabled: false })
    expect(await page.locator('[data-chart=by_origin] .card-title').textContent()).toBe('Cars by origin')
    expect(await page.locator('[data-chart=most] .kpi-label').textContent()).toBe('Most power')
    await page.context().close()
  })

  test('is logged as asked for by the page', async () => {
    const opened = await visit('/boards/cars')
    await chart(opened.page, 'broken').locator('.message').waitFor({ state: 'attached' })
    const failed = project.logged
      .map((line) => JSON.parse(line) as { code?: string; door?: string })
      .filter(({ code }) => code === 'SQL_ERROR')
    expect(failed.map(({ door }) => door)).toEqual(['page'])
    await leave(opened)
  })

  test('a chart that an address names is shown, also in a tab that is not open', async () => {
    const opened = await visit('/boards/cars#chart-broken')
    await chart(opened.page, 'broken').getByRole('alert').waitFor()
    expect(await opened.page.getByRole('tab', { name: 'Failing' }).getAttribute('aria-selected')).toBe('true')
    await leave(opened)
  })

  test('a file that changes is shown at once, with its diagnostics while it is broken', async () => {
    const opened = await visit('/boards/hello')
    const { page } = opened
    await page.getByText('there').waitFor()
    const write = async (text: string, seen: () => Promise<unknown>): Promise<void> => {
      // The first look at the folder is what later ones are compared with.
      for (let turn = 0; turn < 20; turn++) {
        await project.write('boards/hello.yml', `${text}${' '.repeat(turn)}\n`)
        if (
          await seen().then(
            () => true,
            () => false,
          )
        )
          return
      }
      await seen()
    }
    await write('title: Again\ntext: Changed', () => page.getByText('Changed').waitFor({ timeout: 1500 }))
    expect(await page.title()).toBe('Again')
    await write('title: Again\ntitel: x', () => page.getByText('UNKNOWN_KEY').waitFor({ timeout: 1500 }))
    await write('title: Again\ntext: Mended', () => page.getByText('Mended').waitFor({ timeout: 1500 }))
    expect(await page.getByText('UNKNOWN_KEY').count()).toBe(0)
    const accent = "getComputedStyle(document.documentElement).getPropertyValue('--accent')"
    await write('title: Again\ntext: Mended\nstyle: { accent: "#123456" }', () =>
      expect.poll(() => page.evaluate(accent), { timeout: 1500 }).toBe('#123456'),
    )
    await leave(opened)
  })

  test('escapes what boards and data say, and loads no picture from elsewhere', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await chart(page, 'note').getByText('<script>alert(1)</script>').waitFor()
    await page.goto(`${server.url}/boards/hello`)
    await page.getByText('far').waitFor()
    await leave(opened)
  })
})

describe('for everyone', () => {
  test.each([
    ['/boards', 'light'],
    ['/boards', 'dark'],
    ['/boards/cars?origin=Japan', 'light'],
    ['/boards/cars?origin=Japan', 'dark'],
    ['/boards/bad', 'light'],
  ] as const)('axe-core finds nothing serious at %s in %s', async (path, colorScheme) => {
    const opened = await visit(path, { colorScheme, bypassCSP: true })
    const { page } = opened
    if (path.includes('cars')) await shows(page, '79')
    else await page.waitForLoadState('load')
    expect(await seriousFaults(page)).toEqual([])
    if (path.includes('cars')) {
      await page.getByRole('tab', { name: 'Failing' }).click()
      await chart(page, 'by_cylinders').locator('.mark-rect.role-mark path').first().click()
      await page.getByRole('dialog').locator('tbody tr').first().waitFor()
      expect(await seriousFaults(page)).toEqual([])
    }
    await leave(opened)
  })

  test('dark colours are chosen, kept, and painted in the charts too', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    const bar = "document.querySelector('[data-chart=by_origin] .mark-rect.role-mark path')?.getAttribute('fill')"
    const colors = () => page.evaluate<string[]>(`[getComputedStyle(document.body).backgroundColor, ${bar}]`)
    await expect.poll(colors, patience).toEqual([expect.any(String), expect.any(String)])
    const light = await colors()
    await page.getByRole('button', { name: 'Show in dark colours' }).click()
    await page.locator(`[data-chart=by_origin] .mark-rect.role-mark path:not([fill='${light[1]}'])`).first().waitFor()
    const dark = await colors()
    expect(dark[0]).not.toBe(light[0])
    await page.reload()
    await shows(page, '406')
    await expect.poll(colors, patience).toEqual(dark)
    await leave(opened)
  })

  test('paper shows every tab under its name, and nothing to press', async () => {
    const opened = await visit('/boards/cars')
    const { page } = opened
    await shows(page, '406')
    await page.emulateMedia({ media: 'print' })
    await chart(page, 'listed').getByRole('cell').first().waitFor()
    await chart(page, 'broken').getByText('This chart cannot be shown').waitFor()
    expect(await page.locator('.quiet:visible, .menu:visible, input:visible, [role=tab]:visible').count()).toBe(0)
    await leave(opened)
  })

  test('a table of many columns keeps to its card on paper', async () => {
    const columns = Array.from({ length: 6 }, (_, index) => `Name AS a_rather_long_name_${index}, Horsepower AS power_${index}`)
    await project.write('boards/wide.yml', `source: vega\ncharts: { t: { type: table, query: "SELECT ${columns} FROM cars LIMIT 5" } }\n`)
    const opened = await visit('/boards/wide', { viewport: { width: 794, height: 1000 } })
    const { page } = opened
    await chart(page, 't').getByRole('cell').first().waitFor()
    await page.emulateMedia({ media: 'print' })
    const beyond = () =>
      chart(page, 't').evaluate(
        (card) => (card.querySelector('table')?.getBoundingClientRect().right ?? 0) - card.getBoundingClientRect().right,
      )
    expect(await beyond()).toBeLessThanOrEqual(0)
    await leave(opened)
  })

  test.each([320, 390])('a phone of %d pixels has nothing beyond its edge, and plots that fit', async (width) => {
    const opened = await visit('/boards/cars', { viewport: { width, height: 800 } })
    const { page } = opened
    await shows(page, '406')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    const box = await chart(page, 'by_origin').locator('svg').first().boundingBox()
    expect(box?.width).toBeLessThanOrEqual(width - 60)
    await page.goto(`${server.url}/boards`)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
    await leave(opened)
  })
})

describe('a board with a style of its own', () => {
  const styled = `title: Styled
text: Some **words** and a [link](https://example.com).
source: vega
style:
  background: "#fff3c4"
  accent: "#b3005e"
  font: { color: "#112244" }
  title: { font: { size: 34, color: "#b3005e", align: center } }
  frame: { width: 900, margin: 48, card_gap: 40 }
  footer: { text: "Source: cars", font: { size: 15 } }
queries:
  by_origin: SELECT Origin AS origin, count(*) AS cars FROM cars GROUP BY ALL ORDER BY cars DESC
  figures: SELECT 12 AS value, 0.1 AS share
charts:
  pale: { type: kpi, query: figures, value: value, label: Pale, background: "#e8f5e9", support: { value: share, label: more, format: percent, tone: positive } }
  night: { type: kpi, query: figures, value: value, label: Night, background: "#1b3a2b", support: { value: share, label: less, format: percent, tone: negative } }
  ruled: { type: kpi, query: figures, value: value, label: Ruled, conditional_formatting: { value: { when: [{ gt: 10, background: "#ffe0b2" }] } } }
  white: { type: bar, query: by_origin, title: White, subtitle: Under, x: origin, y: cars, style: { background: "#ffffff", title: { font: { size: 20 } } } }
  table: { type: table, query: by_origin, title: Table, style: { background: "#fff8e1", row: { stripe: { color: "#ffecb3" } }, columns: { cars: { background: "#ffe0b2" } } } }
  note: { type: callout, text: "A **note**", style: { background: "#e3f2fd" } }
rows:
  - cols: [pale, night, ruled]
  - cols: [white, table]
  - { title: Part, text: Words in it, style: { background: "#2b1b2e" }, rows: [note] }
`
  const styleOf = (page: Page, selector: string, ...names: string[]) =>
    page.evaluate<string[]>(
      `(() => { const style = getComputedStyle(document.querySelector(${JSON.stringify(selector)})); return ${JSON.stringify(names)}.map((name) => style.getPropertyValue(name)) })()`,
    )

  test('has its ground, its frame, its title and its footer on the page too', async () => {
    await project.write('boards/styled.yml', styled)
    const opened = await visit('/boards/styled')
    const { page } = opened
    await chart(page, 'white').locator('svg').first().waitFor()
    expect(await styleOf(page, 'body', 'background-color')).toEqual(['rgb(255, 243, 196)'])
    expect(await styleOf(page, '#title', 'font-size', 'color', 'text-align')).toEqual(['34px', 'rgb(179, 0, 94)', 'center'])
    expect(await styleOf(page, 'main', 'max-width', 'padding-left')).toEqual(['900px', '48px'])
    expect(await styleOf(page, '#board > .group > .rows', 'row-gap')).toEqual(['40px'])
    expect(await styleOf(page, '.board-footer', 'font-size')).toEqual(['15px'])
    expect(await page.locator('.board-footer').textContent()).toBe('Source: cars')
    expect(await styleOf(page, '[data-chart=white] .card-title', 'font-size')).toEqual(['20px'])
    for (const [id, color] of [
      ['pale', 'rgb(232, 245, 233)'],
      ['night', 'rgb(27, 58, 43)'],
      ['ruled', 'rgb(255, 224, 178)'],
    ])
      expect(await styleOf(page, `[data-chart=${id}]`, 'background-color')).toEqual([color])
    await leave(opened)
  })

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['dark', 390],
  ] as const)('can be read on all of its grounds in %s, %d pixels wide', async (colorScheme, width) => {
    await project.write('boards/styled.yml', styled)
    const opened = await visit('/boards/styled', { colorScheme, bypassCSP: true, viewport: { width, height: 900 } })
    const { page } = opened
    await page.locator('#board[data-ready]').waitFor()
    await page.locator('.is-loading').first().waitFor({ state: 'detached' })
    expect(await seriousFaults(page)).toEqual([])
    await leave(opened)
  })
})

describe('the room of a chart', () => {
  const boards = `source: vega
queries:
  by_origin: SELECT Origin AS origin, count(*) AS cars FROM cars GROUP BY ALL ORDER BY cars DESC
  listed: SELECT Name AS name FROM cars ORDER BY name
  figures: SELECT 1234567.891 AS value, -98765432.1 AS other
charts:
  beside: { type: bar, query: by_origin, x: origin, y: cars }
  last: { type: pie, query: by_origin, theta: cars, color: origin }
  first: { type: pie, query: by_origin, theta: cars, color: origin }
  twice: { type: line, query: by_origin, x: origin, y: cars }
  long: { type: table, query: listed, style: { pagination: { page_rows: 20 } } }
  money: { type: kpi, query: figures, value: value, label: Value, style: { value: { format: currency_full } } }
  more: { type: kpi, query: figures, value: other, label: Other, style: { value: { format: currency_full } } }
  side: { type: kpi, query: figures, value: value, label: Beside, variant: compact, support: { label: the plan } }
`
  const size = (page: Page, id: string) => chart(page, id).locator('.drawing').first().boundingBox()
  /** The plot is as high as its place, which is asked for once the page knows how high that is. */
  const fills = (page: Page, id: string) =>
    expect
      .poll(async () => {
        const [place, svg] = [await size(page, id), await chart(page, id).locator('svg').first().boundingBox()]
        return Math.abs((place?.height ?? 0) - (svg?.height ?? 0))
      }, patience)
      .toBeLessThan(8)

  test('that stands beside something high is filled, and follows when that gets lower', async () => {
    await project.write('boards/room.yml', `${boards}rows:\n  - cols: [beside, long]\n  - cols: [{ rows: [first, last] }, long]\n`)
    const opened = await visit('/boards/room')
    const { page } = opened
    await chart(page, 'long').first().getByText('1–20 of 406').waitFor()
    await chart(page, 'beside').locator('.drawing').waitFor()
    await chart(page, 'last').locator('.drawing').waitFor()
    await expect.poll(async () => (await size(page, 'beside'))?.height ?? 0, patience).toBeGreaterThan(500)
    await fills(page, 'beside')
    await fills(page, 'last')
    expect((await size(page, 'last'))?.height).toBeGreaterThan((await size(page, 'first'))?.height ?? 0)
    await page.evaluate("for (const row of document.querySelectorAll('[data-chart=long] tbody tr:nth-child(n+4)')) row.remove()")
    await page.setViewportSize({ width: 1100, height: 900 })
    await expect.poll(async () => (await size(page, 'beside'))?.height ?? 1_000, patience).toBeLessThan(300)
    await fills(page, 'beside')
    await leave(opened)
  })

  test('in two places of different widths fills both, and is asked for no more than is needed', async () => {
    await project.write('boards/twice.yml', `${boards}rows:\n  - twice\n  - cols: [twice, beside, first]\n`)
    const opened = await visit('/boards/twice')
    const { page } = opened
    await page.locator('#board[data-ready]').waitFor()
    await atRest(page, 'twice')
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/boards-data/')) asked++
    })
    await page.setViewportSize({ width: 1000, height: 900 })
    await expect.poll(() => asked, patience).toBe(1)
    await page.locator('.is-loading').waitFor({ state: 'detached' })
    await page.waitForTimeout(400)
    expect(asked).toBe(1)
    const drawings = await chart(page, 'twice')
      .locator('.drawing')
      .evaluateAll((all) => all.map((one) => [one.clientWidth, one.querySelector('svg')?.clientWidth ?? 0] as const))
    expect(drawings.map(([room, width]) => Math.abs(room - width) <= 6)).toEqual([true, true])
    expect(drawings[0]?.[0]).toBeGreaterThan(2 * (drawings[1]?.[0] ?? 0))
    await leave(opened)
  })

  test('is shared alike by what stands in a row, whatever it is', async () => {
    await project.write('boards/alike.yml', `${boards}rows:\n  - cols: [money, { rows: [first] }, beside]\n`)
    const opened = await visit('/boards/alike')
    const widths = () =>
      opened.page.locator('.cols > *').evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().width)))
    await expect.poll(async () => new Set(await widths()).size, patience).toBe(1)
    await leave(opened)
  })

  test('of a KPI sets its value on one line, as large as it fits', async () => {
    await project.write('boards/figures.yml', `${boards}rows:\n  - cols: [money, more, side]\n`)
    const opened = await visit('/boards/figures', { viewport: { width: 390, height: 800 } })
    const { page } = opened
    await kpi(page, 'more').getByText('−$98,765,432.10').waitFor()
    const lines = await page.evaluate(
      "[...document.querySelectorAll('.kpi-value')].map((one) => [one.scrollWidth <= one.clientWidth, one.clientHeight < 1.5 * parseFloat(getComputedStyle(one).fontSize)])",
    )
    expect(lines).toEqual([
      [true, true],
      [true, true],
      [true, true],
    ])
    const [value, label, support] = await Promise.all(
      ['.kpi-value', '.kpi-label', '.kpi-support'].map((part) => chart(page, 'side').locator(part).boundingBox()),
    )
    expect(label?.x).toBeGreaterThan((value?.x ?? 0) + (value?.width ?? 0))
    expect(support?.x).toBe(label?.x)
    expect(support?.y).toBeGreaterThan(label?.y ?? 0)
    await leave(opened)
  })

  test('in a grid is where a picture has it', async () => {
    await project.write(
      'boards/grid.yml',
      `${boards}grid: { columns: 4, items: [{ item: first, col_span: 2, row_span: 2 }, { item: last, col_span: 2 }, { item: beside, col: 3 }] }\n`,
    )
    const opened = await visit('/boards/grid')
    const cells = await opened.page.locator('.cell').evaluateAll((all) => all.map((one) => one.getAttribute('style')))
    expect(cells).toEqual([
      'grid-column:1 / span 2;grid-row:1 / span 2',
      'grid-column:3 / span 2;grid-row:1 / span 1',
      'grid-column:1 / span 4;grid-row:3 / span 1',
    ])
    await leave(opened)
  })
})

test('what details hold is opened by their line, with all the room there is, and stays open when the board changes', async () => {
  await project.write(
    'boards/folds.yml',
    `source: vega
variables: { origin: { label: From, options: [USA, Japan] } }
charts:
  bars: { type: bar, query: "SELECT Origin AS origin, count(*) AS cars FROM cars GROUP BY ALL", x: origin, y: cars, select: origin }
  inner: { type: bar, query: "SELECT Cylinders AS c, count(*) AS cars FROM cars WHERE {{ filter('Origin', origin) }} GROUP BY ALL", x: c, y: cars }
rows:
  - bars
  - { title: "Folded{% if origin %} {{ origin }}{% endif %}", text: Hidden words, details: { summary: More, expanded_title: Less }, rows: [inner] }
`,
  )
  const opened = await visit('/boards/folds')
  const { page } = opened
  await chart(page, 'bars').locator('svg').waitFor()
  await page.getByText('More').waitFor()
  expect(await page.getByText('Hidden words').isVisible()).toBe(false)
  expect(await chart(page, 'inner').isVisible()).toBe(false)
  await page.getByText('More').click()
  await page.getByText('Hidden words').waitFor()
  expect(await page.getByText('Less').isVisible()).toBe(true)
  const room = () =>
    chart(page, 'inner')
      .locator('.drawing')
      .evaluate((drawing) => Math.abs(drawing.clientWidth - (drawing.querySelector('svg')?.clientWidth ?? 0)))
  await expect.poll(room, patience).toBeLessThanOrEqual(6)
  await atRest(page, 'bars')
  await chart(page, 'bars').locator('.mark-rect.role-mark path').first().click()
  await page.getByText(/^Folded \w/).waitFor()
  expect(await page.getByText('Hidden words').isVisible()).toBe(true)
  await leave(opened)
  const named = await visit('/boards/folds#chart-inner')
  await chart(named.page, 'inner').and(named.page.locator('.is-target')).waitFor()
  expect(await chart(named.page, 'inner').isVisible()).toBe(true)
  await leave(named)
})

test('charts are drawn one after the other, those in view first, and all of them in the end', async () => {
  const [hidden, seen] = [
    ['a', 'b', 'c', 'd', 'e'],
    ['x', 'y', 'z'],
  ]
  await project.write(
    'boards/long.yml',
    `source: vega
queries: { q: "SELECT Origin AS x, count(*) AS y FROM cars GROUP BY ALL" }
charts:
${[...hidden, ...seen].map((name) => `  ${name}: { type: bar, query: q, x: x, y: y }\n`).join('')}
tabs: { default: Seen, items: [{ title: Hidden, rows: [${hidden}] }, { title: Seen, rows: [${seen}] }] }
`,
  )
  const context = await browser.newContext({ viewport: { width: 1000, height: 900 } })
  const page = await context.newPage()
  await page.addInitScript(`
    globalThis.drawn = []
    new MutationObserver((changes) => {
      const added = changes.flatMap(({ addedNodes }) => [...addedNodes]).filter((node) => node.tagName === 'svg')
      if (added.length > 0) globalThis.drawn.push(added.map((svg) => svg.closest('[data-chart]')?.dataset.chart))
    }).observe(document, { childList: true, subtree: true })`)
  await page.goto(`${server.url}/boards/long`)
  await page.locator('.drawing svg').nth(7).waitFor({ state: 'attached' })
  const turns = (await page.evaluate('globalThis.drawn')) as string[][]
  expect(turns.filter((turn) => turn.length !== 1)).toEqual([])
  const order = [...new Set(turns.flat())]
  expect(order.length).toBe(8)
  expect(order.slice(-3).filter((name) => seen.includes(name))).toEqual([])
  await context.close()
})

test('a slow query holds no other chart', async () => {
  await project.write(
    'boards/slow.yml',
    `source: vega
queries:
  slow: SELECT count(*) AS n FROM range(100000000000) a WHERE a.range % 7 = 3
  fast: SELECT 42 AS n
  many: SELECT range AS n FROM range(20)
charts:
  slow: { type: kpi, query: slow, value: n, label: Slow }
  fast: { type: kpi, query: fast, value: n, label: Fast }
  plot: { type: line, query: many, x: n, y: n }
  list: { type: table, query: many, style: { pagination: false } }
rows: [slow, fast, { cols: [plot, list] }]
`,
  )
  const opened = await visit('/boards/slow')
  const plot = chart(opened.page, 'plot')
  await plot.locator('svg').first().waitFor()
  await expect.poll(async () => Number(await plot.locator('svg').first().getAttribute('height')), patience).toBeGreaterThan(400)
  await kpi(opened.page, 'fast').getByText('42').waitFor()
  expect(await chart(opened.page, 'slow').getAttribute('aria-busy')).toBe('true')
  await opened.page.locator('[data-chart=slow][data-waiting$=s]').waitFor()
  await leave(opened)
})
