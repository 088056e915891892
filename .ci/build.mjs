// Builds `dist`: what `npm pack` ships. Our code is bundled, packages stay dependencies.

import { readFileSync } from 'node:fs'
import { chmod, copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { build } from 'esbuild'
import { browserBundle } from '../server/transports/boards/browser-bundle.ts'

const root = resolve(import.meta.dirname, '..')
const packageJson = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
/** Packages of many files that every start needs: loading each file by itself costs more than running it. */
const bundled = ['zod', 'yaml', '@modelcontextprotocol/server']
const dist = join(root, 'dist')
await rm(dist, { recursive: true, force: true })

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: {
    main: 'server/cli/main.ts',
    'duckdb-child': 'server/sources/duckdb/duckdb-child.ts',
    'parse-worker': 'server/sources/postgres/parse-worker.ts',
    'render-worker': 'server/boards/render/render-worker.ts',
    'paint-child': 'server/boards/draw/paint-child.ts',
    'token-worker': 'server/envelope/token-worker.ts',
    'search-worker': 'server/search/search-worker.ts',
    'export-worker': 'server/telemetry/otlp/export-worker.ts',
  },
  outdir: dist,
  // Files are looked for beside the code that names them, so all chunks stand in one folder.
  chunkNames: 'chunk-[hash]',
  bundle: true,
  splitting: true,
  external: Object.keys(packageJson.dependencies).filter((name) => !bundled.includes(name)),
  // The same code as modules; what yaml gives to Node is CommonJS, which a bundle of modules cannot load from.
  alias: { yaml: join(root, 'node_modules/yaml/browser/index.js') },
  format: 'esm',
  platform: 'node',
  target: 'node22.12',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
})
await writeFile(join(dist, 'third-party-licenses.txt'), await licensesOf(metafile))
await chmod(join(dist, 'main.js'), 0o755)

const reference = createRequire(import.meta.url).resolve('@scalar/api-reference')
await mkdir(join(dist, 'assets'), { recursive: true })
await copyFile(join(dirname(reference), 'browser/standalone.js'), join(dist, 'assets/api-reference.js'))
await build({ ...browserBundle, absWorkingDir: root, outdir: join(dist, 'assets/boards') })

/** The licences of the packages that the bundle holds. */
async function licensesOf({ inputs }) {
  const packages = new Set(Object.keys(inputs).flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0] ?? []))
  const texts = [...packages].sort().map(async (folder) => {
    const license = (await readdir(join(root, folder))).find((file) => /^licen[cs]e/i.test(file))
    if (license === undefined) throw new Error(`${folder} states no licence`)
    return `${folder.slice(folder.lastIndexOf('node_modules/') + 13)}\n\n${await readFile(join(root, folder, license), 'utf8')}`
  })
  return (await Promise.all(texts)).join(`\n${'-'.repeat(80)}\n\n`)
}
