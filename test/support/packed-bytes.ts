import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { root } from './project-files.ts'

/** Bytes of a program that uses the TypeScript client, imported from 'CLIENT', minified and packed as browsers get it. */
export const packedBytes = async (program: string): Promise<number> => {
  const { outputFiles } = await build({
    stdin: { contents: program.replace('CLIENT', resolve(root, 'clients/typescript/index.js')), resolveDir: root },
    ...{ bundle: true, minify: true, write: false, format: 'esm', target: 'es2022' },
  })
  return gzipSync(outputFiles?.[0]?.contents ?? new Uint8Array(), { level: 9 }).byteLength
}

/** Programs that take the core alone, one tool, the client with its methods, and everything. */
export const clientPrograms = {
  core: "import { createTransport, isDatafaceError, safe } from 'CLIENT'; console.log(createTransport, isDatafaceError, safe)",
  'one tool':
    "import { createTransport, isDatafaceError, listSources, safe } from 'CLIENT'; console.log(createTransport, isDatafaceError, safe, listSources)",
  'class with every tool': "import { Dataface } from 'CLIENT'; console.log(Dataface)",
  everything: "import * as all from 'CLIENT'; console.log(all)",
} as const
