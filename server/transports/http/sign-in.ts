import type { Access } from '../../access/access.ts'
import { keyCookie } from '../../access/credentials.ts'
import { Fault } from '../../envelope/fault.ts'
import { escapeHtml } from '../boards/html.ts'
import { isTooLarge, readBody, tooLargeHeaders } from './body.ts'
import type { CallerApp } from './caller-app.ts'
import { basePath } from './project-path.ts'

/** Where a person who opens a page gives an API key. */
export const signInPath = '/sign-in'

/** The address of the page for someone who wanted to see another. */
export const signInAddress = (wanted: string): string => {
  const { pathname, search } = new URL(wanted)
  return `${basePath(wanted)}${signInPath}?${new URLSearchParams({ next: pathname + search })}`
}

const policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
const secured = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
}

/** A key given to the page is kept by the browser, out of reach of scripts, and sent from no page of another site. */
export const serveSignIn = (app: CallerApp, access: Pick<Access, 'identify'>): void => {
  const page = (url: string, next: string, refused?: string): string => formPage({ base: basePath(url), next, refused })
  const nextOf = (url: string, next: string | undefined): string => ownPath(next) ?? `${basePath(url)}/boards`
  app.get(signInPath, (context) => context.html(page(context.req.url, nextOf(context.req.url, context.req.query('next'))), 200, secured))
  app.post(signInPath, async (context) => {
    const body = await readBody(context.req.raw).catch((error: Fault) => error)
    if (body instanceof Fault) {
      const [status, headers] = isTooLarge(body) ? ([413, { ...secured, ...tooLargeHeaders }] as const) : ([400, secured] as const)
      return context.html(page(context.req.url, nextOf(context.req.url, undefined), body.message), status, headers)
    }
    const form = new URLSearchParams(body)
    const [key, next] = [(form.get('key') ?? '').trim(), nextOf(context.req.url, form.get('next') ?? undefined)]
    try {
      await access.identify({ get: (name) => (name === 'authorization' ? `Bearer ${key}` : null) })
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      return context.html(page(context.req.url, next, error.message), 401, secured)
    }
    const secure = new URL(context.req.url).protocol === 'https:' || context.req.header('x-forwarded-proto') === 'https'
    const cookie = `${keyCookie}=${key}; Path=${basePath(context.req.url)}/; HttpOnly; SameSite=Strict; Max-Age=${sessionS}${secure ? '; Secure' : ''}`
    return context.body(null, 303, { ...secured, location: next, 'set-cookie': cookie })
  })
}

/** How long a browser keeps the key, seconds. */
const sessionS = 12 * 3600

/** A path of this server, as a browser reads it, which leaves out tabs and ends of lines; anything else would send a person elsewhere. */
const ownPath = (path = ''): string | undefined => {
  const own = 'http://own.invalid'
  if (!path.startsWith('/') || !URL.canParse(path, own)) return undefined
  const { origin, pathname, search, hash } = new URL(path, own)
  return origin === own ? `/${pathname.replace(/^\/+/, '')}${search}${hash}` : undefined
}

interface Form {
  readonly base: string
  readonly next: string
  readonly refused: string | undefined
}

/** Says nothing of the project, since nobody is known yet. */
const formPage = ({ base, next, refused }: Form): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in - Dataface</title>
<style>
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100vh; display: grid; place-items: center }
form { width: min(24rem, 90vw); display: grid; gap: .75rem }
h1 { font-size: 1.25rem; margin: 0 }
p { margin: 0 }
input, button { font: inherit; padding: .5rem .75rem; border: 1px solid GrayText; border-radius: .375rem }
button { background: #1d4ed8; border-color: #1d4ed8; color: #fff; cursor: pointer }
.refused { color: light-dark(#b91c1c, #fca5a5) }
</style>
</head>
<body>
<main><form method="post" action="${base}${signInPath}">
<h1>Dataface</h1>
${refused === undefined ? '' : `<p class="refused" role="alert">${escapeHtml(refused)}</p>\n`}<label for="key">API key</label>
<input id="key" name="key" type="password" autocomplete="current-password" required autofocus>
<input type="hidden" name="next" value="${escapeHtml(next)}">
<button>Sign in</button>
<p>The operator of the project makes one with <code>dft keys create</code>.</p>
</form></main>
</body>
</html>
`
