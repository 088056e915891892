import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { root } from './project-files.ts'

const run = promisify(execFile)

/** A folder for programs of the docs, in which the TypeScript client and every package of this project are installed. */
export interface ProgramFolder {
  readonly path: string
  /** Compiles its files strictly; what the compiler says, empty when it is content. */
  compile(files: readonly string[]): Promise<string>
  /** Runs a program of TypeScript in it, and gives what it prints. Rejects when it asks another host for anything. */
  run(file: string, env?: Readonly<Record<string, string>>): Promise<string>
  remove(): void
}

export const makeProgramFolder = (): ProgramFolder => {
  const above = mkdtempSync(join(tmpdir(), 'programs-'))
  const path = join(above, 'project')
  mkdirSync(join(path, 'node_modules/@dataface'), { recursive: true })
  symlinkSync(resolve(root, 'clients/typescript'), join(path, 'node_modules/@dataface/client'))
  symlinkSync(resolve(root, 'node_modules'), join(above, 'node_modules'))
  writeFileSync(join(path, 'package.json'), '{"private":true,"type":"module"}')
  return {
    path,
    async compile(files) {
      const compilerOptions = {
        ...{ target: 'es2024', lib: ['es2024', 'dom', 'dom.asynciterable'], module: 'esnext', moduleResolution: 'bundler' },
        ...{ types: ['node', 'vscode'], strict: true, noUncheckedIndexedAccess: true, skipLibCheck: true, noEmit: true },
        ...{ allowImportingTsExtensions: true, resolveJsonModule: true, verbatimModuleSyntax: true },
      }
      writeFileSync(join(path, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }))
      const compiled = run(resolve(root, 'node_modules/typescript/bin/tsc'), ['-p', '.'], { cwd: path })
      return (await compiled.catch(({ stdout }: { stdout: string }) => ({ stdout }))).stdout
    },
    async run(file, env) {
      const given = { PATH: process.env.PATH, HOME: above, ...env }
      const guard = resolve(root, 'test/support/this-host-only.mjs')
      return (await run(process.execPath, ['--import', guard, '--import', 'tsx', file], { cwd: path, env: given })).stdout
    },
    remove: () => rmSync(above, { recursive: true, force: true }),
  }
}

/** The blocks of a page in a language, in order. */
export const blocksOf = (page: string, language: string): string[] =>
  [...readFileSync(resolve(root, 'docs', page), 'utf8').matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(
    (match) => match[1] as string,
  )
