import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { root } from '../support/project-files.ts'

export interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

export interface RunOptions {
  readonly cwd?: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

const entry = join(root, 'server/cli/main.ts')

/** Starts `dft` as a process of its own, without a terminal. It is ended with the test. */
export const startDft = (
  args: readonly string[],
  { cwd = root, env = {} }: RunOptions = {},
): { child: ChildProcess; done: Promise<Outcome>; said: () => string } => {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
  })
  let out = ''
  let err = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const done = new Promise<Outcome>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
  return { child, done, said: () => out + err }
}

/** Runs `dft` to its end. A test whose time is over before it says how far that came. */
export const runDft = async (args: readonly string[], options: RunOptions = {}): Promise<Outcome> => {
  const { child, done, said } = startDft(args, options)
  child.stdin?.end(options.input ?? '')
  let isOver = false
  onTestFinished(() => {
    if (!isOver) console.error(`dft ${args.join(' ')} did not end, and said so far:\n${said()}`)
  })
  const outcome = await done
  isOver = true
  return outcome
}

/** A folder with these files, removed with the test. */
export const folderOf = (files: Readonly<Record<string, string | Buffer>>): string => {
  const folder = mkdtempSync(join(tmpdir(), 'dataface-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
  }
  return folder
}

/** Waits until `found` gives something other than undefined. */
export const waitFor = async <T>(found: () => T | undefined | Promise<T | undefined>): Promise<T> => {
  for (;;) {
    const value = await found()
    if (value !== undefined) return value
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}
