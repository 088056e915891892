import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Hono } from 'hono'

/** The script of the API reference: beside the bundle when built, else in the package it comes from. */
const scriptPath = (): string => {
  const built = fileURLToPath(new URL('./assets/api-reference.js', import.meta.url))
  if (existsSync(built)) return built
  const entry = createRequire(import.meta.url).resolve('@scalar/api-reference')
  return join(dirname(entry), 'browser/standalone.js')
}

const page = (project: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${project} - Dataface API reference</title>
<link rel="icon" href="data:,">
</head>
<body>
<div id="app"></div>
<script src="/docs/assets/api-reference.js"></script>
<script src="/docs/assets/start.js"></script>
</body>
</html>
`

/** Nothing but what we serve: no fonts, no telemetry, no proxy, no assistant. */
const start = `Scalar.createApiReference('#app', {
  url: '/openapi.json',
  withDefaultFonts: false,
  telemetry: false,
  agent: { disabled: true },
  mcp: { disabled: true },
  showDeveloperTools: 'never',
  hideClientButton: true,
  defaultOpenAllTags: true,
  hiddenClients: [],
  defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
})
`

const policy =
  "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"

/** The API reference at `/docs`, wholly served by us, and the document it reads at `/openapi.json`. */
export const serveReference = (app: Hono, { project, openapi }: { project: string; openapi: () => Promise<string> }): void => {
  let script: Buffer | undefined
  const secured = { 'content-security-policy': policy, 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer' }
  app.get('/docs', (context) => context.html(page(project), 200, secured))
  app.get('/docs/assets/start.js', () => new Response(start, { headers: { 'content-type': 'text/javascript; charset=utf-8' } }))
  app.get('/docs/assets/api-reference.js', () => {
    script ??= readFileSync(scriptPath())
    return new Response(new Uint8Array(script), {
      headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'public, max-age=3600' },
    })
  })
  app.get('/openapi.json', async () => new Response(await openapi(), { headers: { 'content-type': 'application/json; charset=utf-8' } }))
}
