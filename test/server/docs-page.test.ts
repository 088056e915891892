import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { errorCodeList } from '../../contracts/v1/errors.ts'
import { openBrowser } from '../support/browser.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let started: Started
let browser: Browser
beforeAll(async () => {
  started = await startDataface(`name: docs\nsources:${vegaSource}`)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.close()
  await started?.close()
})

const get = async (path: string): Promise<{ status: number; text: string; type: string | null }> => {
  const response = await fetch(`${started.url}${path}`)
  return { status: response.status, text: await response.text(), type: response.headers.get('content-type') }
}

/** A page of the browser, with what it asked of other hosts and what went wrong. */
const open = async (path: string, options: BrowserContextOptions = {}): Promise<{ page: Page; foreign: string[]; errors: string[] }> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
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
  await page.goto(`${started.url}${path}`)
  return { page, foreign, errors }
}

describe('the docs', () => {
  test('every page that is linked is there, with the place that the link names', async () => {
    const pages = new Map<string, string>()
    const links: { from: string; path: string; anchor: string | undefined }[] = []
    const queue = ['/docs']
    for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
      if (pages.has(path)) continue
      const { status, text } = await get(path)
      expect(status, path).toBe(200)
      pages.set(path, text)
      for (const [, href = ''] of text.matchAll(/<a [^>]*href="([^"]*)"/g)) {
        if (/^https?:/.test(href)) continue
        const [to = '', anchor] = href.split('#')
        links.push({ from: path, path: to === '' ? path : to, anchor })
        if (to.startsWith('/docs') && !to.startsWith('/docs/api')) queue.push(to)
      }
    }
    const broken = links.filter(
      ({ path, anchor }) => anchor !== undefined && !/\.md$/.test(path) && pages.get(path)?.includes(` id="${anchor}"`) !== true,
    )
    expect(broken).toEqual([])
    const all = ['', '/quickstart', '/recipes', '/versions', '/contract-changes', '/changes', '/clients/typescript', '/decisions']
    const tools = contracts.map(({ name }) => `/tools/${name.replaceAll('_', '-')}`)
    for (const path of [...all, ...tools, ...errorCodeList.map((code) => `/errors/${code}`)])
      expect([...pages.keys()]).toContain(`/docs${path}`)
  })

  test('programs on them are shown with the address of this server', async () => {
    const { text } = await get('/docs/tools/execute-query')
    expect(text).toContain(`curl -s ${started.url}/api/v1/execute_query`)
    expect(text).not.toContain('127.0.0.1:4321')
  })

  test('a page can be had as Markdown; what is no page is told so', async () => {
    const page = await get('/docs/errors/SQL_ERROR.md')
    expect([page.status, page.type, page.text.split('\n')[0]]).toEqual([200, 'text/markdown; charset=utf-8', '# SQL_ERROR'])
    for (const path of [
      '/docs/nothing',
      '/docs/errors/nothing.md',
      '/docs/%2e%2e/package.json',
      '/docs/..%2fpackage.json',
      '/docs/examples/demo/README',
      '/docs/api/v9',
    ])
      expect((await get(path)).status, path).toBe(404)
  })

  test.each([
    ['SQL_ERROR', '/docs/errors/SQL_ERROR'],
    ['sunset', '/docs/versions'],
    ['langchain', '/docs/recipes/langchain'],
    ['describe table', '/docs/tools/describe-table'],
    ['conditional formatting', '/docs/board-language/conditional_formatting'],
    ['quary', '/docs/tools/execute-query'],
  ])('a search for %s finds %s among the first', async (query, address) => {
    const { text } = await get(`/docs/search?${new URLSearchParams({ q: query })}`)
    const found = [...text.matchAll(/<li><a href="([^"#]*)[^"]*"><strong>/g)].map(([, href]) => href)
    expect(found.slice(0, 8)).toContain(address)
  })

  test('a search with nothing to find, and one with marks of HTML, are answered', async () => {
    expect((await get('/docs/search')).text).toContain('Nothing is searched for.')
    const { text } = await get(`/docs/search?${new URLSearchParams({ q: '<script>alert(1)</script>' })}`)
    expect(text).not.toContain('<script>alert')
  })

  test('a tool of two versions is shown in each; the changes and the reference tell them apart', async () => {
    const { page } = await open('/docs/tools/test-yaml-execution')
    const versions = page.getByRole('navigation', { name: 'Version of the contracts' })
    expect(await versions.getByRole('link').allTextContents()).toEqual(['2', '1'])
    await versions.getByRole('link', { name: '1' }).click()
    expect(await page.locator('h1').textContent()).toBe('test_yaml_execution, version 1')
    expect(await page.locator('blockquote').textContent()).toContain('Deprecated')
    await page.goto(`${started.url}/docs/contract-changes`)
    await versions.getByRole('link', { name: '2' }).click()
    expect(new URL(page.url()).hash).toBe('#version-2')
    expect(await page.locator('article').textContent()).toContain('type-changed')
    await page.close()
  })

  test('the document of each version has its operations and their schemas, and that of all has all', async () => {
    const operations = async (query: string): Promise<string[]> => {
      const { text } = await get(`/openapi.json${query}`)
      const { paths, components } = JSON.parse(text) as { paths: object; components: Record<string, object> }
      const named = [...text.matchAll(/"#\/components\/(\w+\/\w+)"/g)].map(([, name]) => name)
      const there = Object.entries(components).flatMap(([kind, parts]) => Object.keys(parts).map((name) => `${kind}/${name}`))
      // Ways to give credentials are named, not referred to.
      expect([...new Set(named), 'securitySchemes/bearer'].sort()).toEqual(there.sort())
      return Object.keys(paths).filter((path) => path.startsWith('/api'))
    }
    const [first, second, all] = await Promise.all([operations('?version=1'), operations('?version=2'), operations('')])
    expect(first).toHaveLength(contracts.length)
    expect(first).toContain('/api/v1/test_yaml_execution')
    expect(second).toHaveLength(contracts.length)
    expect(second).toContain('/api/v2/test_yaml_execution')
    expect(all).toHaveLength(contracts.length + 1)
    expect((await get('/openapi.json?version=1')).text).not.toContain('TestYamlExecutionV2')
    expect((await get('/openapi.json?version=9')).status).toBe(404)
  })

  test('results appear while one writes, and are gone through by keys', async () => {
    const { page, errors, foreign } = await open('/docs')
    await page.keyboard.press('/')
    await page.keyboard.type('sunset')
    await page.locator('#found a').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/docs\/./)
    await page.goto(`${started.url}/docs`)
    await page.keyboard.press('/')
    await page.keyboard.type('sunset')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/docs\/search\?q=sunset/)
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] })
    await page.close()
  })

  test.each([
    ['/docs', 'light', 1280],
    ['/docs/tools/test-yaml-execution', 'dark', 1280],
    ['/docs/recipes/claude', 'light', 390],
    ['/docs/search?q=timeout', 'dark', 390],
  ] as const)('at %s in %s, %i wide: nothing keeps people from reading, nothing is cut off', async (path, colorScheme, width) => {
    const { page, foreign, errors } = await open(path, { colorScheme, viewport: { width, height: 800 } })
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
    await page.evaluate(axe)
    const violations = await page.evaluate(
      "axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes[0].html))",
    )
    expect(violations).toEqual([])
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] })
    await page.getByRole('button', { name: /colours/ }).click()
    expect(await page.evaluate('document.documentElement.dataset.scheme')).toBe(colorScheme === 'dark' ? 'light' : 'dark')
    await page.close()
  })
})

describe('the API reference', () => {
  test('shows every tool, works without any other host, and breaks nothing', async () => {
    const { page, foreign, errors } = await open('/docs/api')
    for (const { title } of contracts) await page.getByText(title, { exact: true }).first().waitFor({ timeout: 30_000 })
    await page.waitForTimeout(500)
    expect({ foreign, errors }).toEqual({ foreign: [], errors: [] })
    await page.close()
  }, 120_000)

  test('sends a call to this server from its form', async () => {
    const { page, foreign } = await open('/docs/api#tag/tools/POST/api/v1/list_sources')
    const asked = page.waitForResponse((response) => response.url() === `${started.url}/api/v1/list_sources`, { timeout: 60_000 })
    await page
      .getByRole('button', { name: /Test Request.*list_sources/ })
      .first()
      .click({ timeout: 30_000 })
    await page.getByRole('button', { name: /Send/ }).first().click({ timeout: 30_000 })
    const response = await asked
    expect(response.status()).toBe(200)
    expect(await response.json()).toMatchObject({ success: true, data: { sources: [{ name: 'vega' }] } })
    expect(foreign).toEqual([])
    await page.close()
  }, 120_000)

  test('follows the colours that are chosen', async () => {
    const { page } = await open('/docs/api', { colorScheme: 'light' })
    await page.locator('.light-mode').first().waitFor({ timeout: 30_000 })
    await page.getByRole('button', { name: 'Show in dark colours' }).click()
    await page.locator('.dark-mode').first().waitFor({ timeout: 10_000 })
    await page.close()
  }, 120_000)
})
