import { fileURLToPath } from 'node:url'

/** The file that a thread or a process of ours starts with: beside `url` in the source, beside the bundle when it is built. */
export const entryBeside = (url: string, name: string): string =>
  fileURLToPath(new URL(`./${name}.${url.endsWith('.ts') ? 'ts' : 'js'}`, url))
