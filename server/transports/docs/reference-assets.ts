import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

let kept: Uint8Array<ArrayBuffer> | undefined

/** The script of the API reference: beside the bundle when built, else in the package it comes from. */
export const referenceScript = (): Uint8Array<ArrayBuffer> => {
  const built = fileURLToPath(new URL('./assets/api-reference.js', import.meta.url))
  kept ??= new Uint8Array(
    readFileSync(
      existsSync(built) ? built : join(dirname(createRequire(import.meta.url).resolve('@scalar/api-reference')), 'browser/standalone.js'),
    ),
  )
  return kept
}

/** Nothing but what we serve: no fonts, no telemetry, no proxy, no assistant. The scheme is that of the page around it. */
export const referenceStart = `{
  const app = document.querySelector('#app')
  const isDark = () => (document.documentElement.dataset.scheme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark'
  const configuration = () => ({
    url: app.dataset.document,
    withDefaultFonts: false,
    telemetry: false,
    agent: { disabled: true },
    mcp: { disabled: true },
    showDeveloperTools: 'never',
    hideClientButton: true,
    hideDarkModeToggle: true,
    forceDarkModeState: isDark() ? 'dark' : 'light',
    defaultOpenAllTags: true,
    hiddenClients: [],
    defaultHttpClient: { targetKey: 'shell', clientKey: 'curl' },
  })
  const reference = Scalar.createApiReference('#app', configuration())
  document.addEventListener('schemechange', () => reference.updateConfiguration(configuration()))
}
`
