import type { BuildOptions } from 'esbuild'

/** How the scripts of the page are bundled, when the package is built and when it runs from its sources. */
export const browserBundle = {
  entryPoints: {
    board: 'server/transports/boards/browser/board.ts',
    list: 'server/transports/boards/browser/list.ts',
    scheme: 'server/transports/boards/browser/scheme.ts',
    style: 'server/transports/boards/browser/style.css',
    docs: 'server/transports/docs/browser/docs.ts',
    'docs-style': 'server/transports/docs/browser/docs-style.css',
    'reference-style': 'server/transports/docs/browser/reference-style.css',
  },
  bundle: true,
  splitting: true,
  // Fonts are served as they are.
  external: ['*.ttf'],
  minify: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  chunkNames: 'chunk-[hash]',
  legalComments: 'none',
  logLevel: 'warning',
} satisfies BuildOptions
