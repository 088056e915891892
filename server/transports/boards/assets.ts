import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type * as Esbuild from 'esbuild'
import { fontPaths } from '../../boards/fonts/font-file.ts'
import { browserBundle } from './browser-bundle.ts'

export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>
  readonly type: string
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ttf': 'font/ttf',
}

const kept = new Map<string, Asset | undefined>()
let bundled: ReadonlyMap<string, Uint8Array> | undefined

/** A script, the style or a font of the page; undefined when there is none of that name. */
export const assetOf = (name: string): Asset | undefined => {
  if (!kept.has(name)) {
    const body = readAsset(name)
    const type = types[extname(name)]
    kept.set(name, body === undefined || type === undefined ? undefined : { body: new Uint8Array(body), type })
  }
  return kept.get(name)
}

const readAsset = (name: string): Uint8Array | undefined => {
  const font = /^inter-(\w+)\.ttf$/.exec(name)?.[1]
  if (font !== undefined) return Object.hasOwn(fontPaths, font) ? readFileSync(fontPaths[font as keyof typeof fontPaths]()) : undefined
  if (!/^[\w-]+\.(js|css)$/.test(name)) return undefined
  const folder = new URL('./assets/boards/', import.meta.url)
  if (existsSync(folder)) {
    const path = new URL(name, folder)
    return existsSync(path) ? readFileSync(path) : undefined
  }
  bundled ??= bundleSources()
  return bundled.get(name)
}

/** Without a build the scripts are bundled from their sources, which only a clone has. */
const bundleSources = (): ReadonlyMap<string, Uint8Array> => {
  const { buildSync } = createRequire(import.meta.url)('esbuild') as typeof Esbuild
  const { outputFiles } = buildSync({
    ...browserBundle,
    absWorkingDir: fileURLToPath(new URL('../../..', import.meta.url)),
    outdir: 'dist',
    write: false,
  })
  return new Map(outputFiles.map(({ path, contents }) => [basename(path), contents]))
}
