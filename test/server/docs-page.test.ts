import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { openBrowser } from '../support/browser.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
beforeAll(async () => {
  started = await startDataface(`name: docs\nsources:${vegaSource}`)
})
afterAll(() => started?.close())

test('the API reference shows every tool, works without any other host, and breaks nothing', async () => {
  const browser = await openBrowser()
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const foreign: string[] = []
    const errors: string[] = []
    page.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol.startsWith('http') && origin !== started.url) foreign.push(request.url())
    })
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text())
    })
    page.on('pageerror', (error) => errors.push(error.message))
    await page.goto(`${started.url}/docs`)
    for (const { title } of contracts) await page.getByText(title, { exact: true }).first().waitFor({ timeout: 30_000 })
    await page.waitForTimeout(500)
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] })
  } finally {
    await browser.close()
  }
}, 120_000)
