import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { openDataface } from '../../server/main.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { listen } from '../../server/transports/http/listen.ts'
import { openBrowser } from '../support/browser.ts'
import { root } from '../support/project-files.ts'
import { median } from './figures.ts'

/** The biggest board of the demo. */
const board = 'flights'

/** Runs in the page: keeps the time when nothing loads any more and every plot is drawn, anew after each load. */
const watchDrawing = `
addEventListener('DOMContentLoaded', () => {
  let told
  new MutationObserver(() => {
    const ready = document.querySelector('#board')?.dataset.ready
    if (ready === undefined || ready === told || document.querySelector('[aria-busy=true], .drawing:not(:has(svg))') !== null) return
    told = ready
    globalThis.drawn = { ready: Number(ready), at: performance.now() }
  }).observe(document, { subtree: true, childList: true, attributes: true })
})`

const drawnAfter = async (page: Page, loads: number): Promise<number> => {
  await page.waitForFunction(`globalThis.drawn?.ready > ${loads}`)
  return page.evaluate<number>('globalThis.drawn.at')
}

/** What a reader waits for at the page of the demo's biggest board: the first paint, all charts, and those that one control changes. */
export const measurePage = async (rounds: number): Promise<string> => {
  const log = () => {}
  const dataface = openDataface({ project: await openProject({ dir: resolve(root, 'docs/examples/demo'), env: {}, log }), log })
  const server = await listen({ app: await dataface.app(), port: 0, host: '127.0.0.1' })
  const browser = await openBrowser()
  const times: { paint: number; drawn: number; changed: number }[] = []
  try {
    for (let round = 0; round <= rounds; round++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, bypassCSP: true })
      const page = await context.newPage()
      await page.addInitScript(watchDrawing)
      await page.goto(`${server.url}/boards/${board}`)
      const drawn = await drawnAfter(page, 0)
      const paint = await page.evaluate<number>("performance.getEntriesByName('first-contentful-paint')[0].startTime")
      const loads = await page.evaluate<number>('globalThis.drawn.ready')
      const options = await page.locator('#v-origin option').evaluateAll((all) => all.map((option) => (option as { value?: string }).value))
      const started = await page.evaluate<number>('performance.now()')
      await page.locator('#v-origin').selectOption(options[1 + (round % (options.length - 1))] as string)
      times.push({ paint, drawn, changed: (await drawnAfter(page, loads)) - started })
      await context.close()
    }
  } finally {
    await browser.close()
    dataface.stopTaking()
    await server.close(500, dataface.close)
    await dataface.close()
  }
  const [first, ...warm] = times
  const row = (what: string, of: 'paint' | 'drawn' | 'changed') =>
    `| ${what} | ${first?.[of].toFixed(0)} | ${median(warm.map((time) => time[of])).toFixed(0)} |`
  return [
    `## The page of the board ${board}, in Chromium`,
    '| until | first, ms | then, ms (median) |',
    '| --- | ---: | ---: |',
    row('the first paint', 'paint'),
    row('all charts are drawn', 'drawn'),
    row('one control is changed and drawn', 'changed'),
    '',
  ].join('\n')
}
