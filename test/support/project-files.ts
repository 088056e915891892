import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { compileRuntime } from '../../codegen/compile-runtime.ts'
import type { Runtime } from '../../codegen/generate.ts'

/** The project's folder. */
export const root = resolve(import.meta.dirname, '../..')

/** Every file of the project as git sees it, tracked or new, from the root; ignored files are left out. */
export const projectFiles = (): string[] =>
  execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && existsSync(resolve(root, file)))

/** The modules of clients that are not generated, as the generator is given them. */
export const clientRuntime = (): Runtime => {
  const modulesOf = (client: string): Record<string, string> =>
    Object.fromEntries(
      projectFiles()
        .filter((path) => path.startsWith(`codegen/runtime/${client}/`))
        .map((path) => [basename(path), readFileSync(resolve(root, path), 'utf8')]),
    )
  return { python: modulesOf('python'), typescript: compileRuntime(modulesOf('typescript')) }
}
