// Builds `dist`: what `npm pack` ships. Our code is bundled, packages stay dependencies.
import { chmod, copyFile, mkdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { browserBundle } from '../server/transports/boards/browser-bundle.ts'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')
await rm(dist, { recursive: true, force: true })

await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'server/cli/main.ts',
    'duckdb-child': 'server/sources/duckdb/child.ts',
    'parse-worker': 'server/sources/postgres/parse-worker.ts',
    'token-worker': 'server/envelope/token-worker.ts',
  },
  outdir: dist,
  // Files are looked for beside the code that names them, so all chunks stand in one folder.
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  packages: 'external',
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  legalComments: 'none',
  logLevel: 'warning',
})
await chmod(join(dist, 'main.js'), 0o755)

const reference = createRequire(import.meta.url).resolve('@scalar/api-reference')
await mkdir(join(dist, 'assets'), { recursive: true })
await copyFile(join(dirname(reference), 'browser/standalone.js'), join(dist, 'assets/api-reference.js'))
await build({ ...browserBundle, absWorkingDir: root, outdir: join(dist, 'assets/boards') })
