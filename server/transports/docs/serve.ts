import type { Context } from 'hono'
import type { CallerApp } from '../http/caller-app.ts'
import { basePath } from '../http/project-path.ts'
import type { DocFrame } from './doc-page.ts'

export interface DocsOptions {
  readonly project: string
  /** The OpenAPI document as JSON text. */
  readonly openapi: () => Promise<string>
  /** Versions of the contracts that are served, the oldest first. */
  readonly versions: readonly number[]
}

/** Everything is ours; the reference compiles its templates, and the test of a call shows what came. */
const policyOf = (scripts: string): string =>
  `default-src 'self'; script-src ${scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`

const secured = (policy: string) => ({
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
})
const ofPages = secured(policyOf("'self'"))
const ofReference = secured(policyOf("'self' 'unsafe-eval'"))

const maxFound = 30

/** The docs at `/docs`, the API reference at `/docs/api`, wholly served by us, and the document that it reads at `/openapi.json`. */
export const serveDocs = (app: CallerApp, { project, openapi, versions }: DocsOptions): void => {
  let kept: Promise<DocFrame> | undefined
  const frame = (): Promise<DocFrame> => {
    kept ??= openFrame(project, versions)
    return kept
  }
  const script = (body: string | Uint8Array<ArrayBuffer>) =>
    new Response(body, { headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=3600' } })

  app.get('/docs/assets/start.js', async () => script((await import('./reference-assets.ts')).referenceStart))
  app.get('/docs/assets/api-reference.js', async () => script((await import('./reference-assets.ts')).referenceScript()))
  app.get('/docs/search', async (context) => {
    const query = (context.req.query('q') ?? '').trim().slice(0, 200)
    const { searchDocs } = await import('./search-docs.ts')
    const { searchPage } = await import('./doc-page.ts')
    return context.html(searchPage(query, query === '' ? [] : await searchDocs(query, maxFound), await frame()), 200, ofPages)
  })
  app.get('/docs/api/:version?', async (context) => {
    const asked = context.req.param('version')
    const version = asked === undefined ? versions.at(-1) : versions.find((one) => asked === `v${one}`)
    if (version === undefined) return missing(context, await frame())
    const { referencePage } = await import('./doc-page.ts')
    return context.html(referencePage(version, await frame()), 200, ofReference)
  })
  app.get('/docs/*', (context) => answerPage(context, frame))
  app.get('/openapi.json', async (context) => {
    const asked = context.req.query('version')
    const document = async () => (await openapi()).replace('"servers":[{"url":"/"', `"servers":[{"url":"${basePath(context.req.url)}/"`)
    const headers = { 'content-type': 'application/json; charset=utf-8' }
    if (asked === undefined) return new Response(await document(), { headers })
    const version = versions.find((one) => asked === String(one))
    if (version === undefined) return context.json({ error: 'No such version of the contracts is served.', versions }, 404)
    const { openapiOfVersion } = await import('./openapi-version.ts')
    return new Response(openapiOfVersion(await document(), version), { headers })
  })
}

/** A page, or its Markdown where its address ends so. */
const answerPage = async (context: Context, frame: () => Promise<DocFrame>): Promise<Response> => {
  const { docAt, readDoc } = await import('./doc-files.ts')
  const asked = context.req.path.replace(/(?<=.)\/$/, '')
  const page = docAt(asked)
  if (page !== undefined) {
    const [{ parseDoc }, { docPage }] = await Promise.all([import('./parse-doc.ts'), import('./doc-page.ts')])
    return context.html(
      docPage(await parseDoc(page), await frame(), new URL(context.req.url).origin + basePath(context.req.url)),
      200,
      ofPages,
    )
  }
  const text = asked.endsWith('.md') ? docAt(asked.replace(/(\/index)?\.md$/, '')) : undefined
  if (text !== undefined) return context.text(readDoc(text), 200, { ...ofPages, 'content-type': 'text/markdown; charset=utf-8' })
  return missing(context, await frame())
}

const missing = async (context: Context, frame: DocFrame): Promise<Response> => {
  const { missingDoc } = await import('./doc-page.ts')
  return context.html(missingDoc(context.req.path, frame), 404, ofPages)
}

const openFrame = async (project: string, versions: readonly number[]): Promise<DocFrame> => {
  const { docAt, docFiles, readDoc } = await import('./doc-files.ts')
  const { parseDoc } = await import('./parse-doc.ts')
  const home = docAt('/docs')
  if (home === undefined) throw new Error('docs/README.md is missing')
  const titles = new Map([...docFiles().values()].map((page) => [page.file, /^# (.*)$/m.exec(readDoc(page))?.[1] ?? page.file]))
  return { project, contents: await parseDoc(home), titles, versions }
}
