/** What docs/boards/README.md tells a newcomer and an agent to do, done in its order. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Dataface, openDataface } from '../../server/main.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { root } from '../support/project-files.ts'

const run = promisify(execFile)
const page = readFileSync(resolve(root, 'docs/boards/README.md'), 'utf8')

type Step =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'command'; readonly line: string; readonly shown: string }
  | { readonly kind: 'call'; readonly tool: string; readonly input: string; readonly answer: string }

/** A file and its text; commands, with what they print where the page says so; calls of tools, with a part of their answer. */
const steps: readonly Step[] = [
  ...page.matchAll(
    /`(?<path>docs\/[\w./]+)`:\n\n```yaml\n(?<text>.*?)^```|^```sh\n(?<lines>.*?)^```\n(?:\n```text\n(?<shown>.*?)^```)?|`(?<tool>\w+)`:\n\n```json\n(?<input>.*?)^```\n\n```json\n(?<answer>.*?)^```/gms,
  ),
].flatMap(({ groups }): Step[] => {
  const { path, text, lines, shown = '', tool, input, answer } = groups as Record<string, string | undefined>
  if (path !== undefined) return [{ kind: 'file', path, text: text as string }]
  if (tool !== undefined) return [{ kind: 'call', tool, input: input as string, answer: answer as string }]
  return (lines as string)
    .trim()
    .split('\n')
    .filter((line) => line.startsWith('npm run'))
    .map((line) => ({ kind: 'command', line, shown }))
})

let folder: string
let dataface: Dataface
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dft-page-'))
  await cp(resolve(root, 'docs/examples/demo'), join(folder, 'docs/examples/demo'), { recursive: true })
  await symlink(resolve(root, 'node_modules'), join(folder, 'node_modules'))
  const log = () => {}
  dataface = openDataface({ project: await openProject({ dir: join(folder, 'docs/examples/demo'), env: {}, log }), log })
  // A source that is slow to open is left out of the catalog.
  const input = { source: 'vega' }
  await dataface.dispatcher.dispatch({
    tool: 'list_tables',
    input,
    door: 'inside',
    caller: { id: 'docs' },
    signal: new AbortController().signal,
  })
})
afterAll(async () => {
  await dataface?.close()
  await rm(folder, { recursive: true, force: true })
})

test('the page has two files, six commands and seven calls', () => {
  const count = (kind: Step['kind']) => steps.filter((step) => step.kind === kind).length
  expect([count('file'), count('command'), count('call')]).toEqual([2, 6, 7])
})

test.each(steps.map((step) => [step.kind, 'path' in step ? step.path : 'line' in step ? step.line : step.tool, step] as const))(
  'step: %s %s',
  async (_kind, _name, step) => {
    if (step.kind === 'file') {
      await mkdir(dirname(join(folder, step.path)), { recursive: true })
      await writeFile(join(folder, step.path), step.text)
    } else if (step.kind === 'command') {
      const args = step.line.replace('npm run -s dft -- ', '').split(' ')
      const { stdout, stderr } = await run(process.execPath, [join(root, 'server/cli/main.ts'), ...args], { cwd: folder })
      expect(stdout + stderr).toBe(step.shown)
      const file = /-o (\S+)/.exec(step.line)?.[1]
      if (file !== undefined) expect((await readFile(join(folder, file))).length).toBeGreaterThan(1000)
    } else {
      const { dispatch } = dataface.dispatcher
      const { tool, input } = step
      const call = { tool, input: JSON.parse(input), door: 'inside', caller: { id: 'docs' }, signal: new AbortController().signal } as const
      expect(JSON.parse(JSON.stringify(await dispatch(call)))).toMatchObject({ data: JSON.parse(step.answer) as object })
    }
  },
)
