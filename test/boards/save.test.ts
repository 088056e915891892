/** Saving holds against other processes, processes that died, and paths that are none. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { takeFile } from '../../server/operations/take-file.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'

const script = resolve(import.meta.dirname, 'fixtures/save-board.ts')
const { signal } = new AbortController()

let project: BoardProject
beforeEach(async () => {
  project = await boardProject({ 'boards/hello.yml': 'text: Hello\n', ['boards/größe.yml'.normalize('NFD')]: 'text: Size\n' })
})
afterEach(() => project.close())

const save = async (path: string, version?: string) => {
  const envelope = await project.call('save_dashboard', { path, yaml: 'text: x\n', ...(version !== undefined && { version }) })
  return envelope.success ? 'SAVED' : envelope.errors.map(({ code, path }) => `${code} ${path}`).join()
}
const versionOf = async (path: string) => (await project.data<{ version: string }>('get_dashboard', { path })).version
const inSaving = () => readdir(join(project.dir, '.dataface/saving')).catch(() => [])
/** Makes a file look as if it was left long ago. */
const age = (file: string) => utimes(file, 1_000, 1_000)

/** A process that is about to save; `go` lets it, and gives what it said. */
const saver = async (...args: string[]): Promise<{ go: () => Promise<string> }> => {
  const child = spawn(process.execPath, ['--import', 'tsx', script, project.dir, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  let said = ''
  child.stdout.on('data', (text) => {
    said += text
  })
  while (!said.includes('ready')) await new Promise((done) => child.stdout.once('data', done))
  return {
    async go() {
      child.stdin.write('go\n')
      await new Promise((done) => child.once('close', done))
      return said.split('\n')[1] ?? ''
    },
  }
}

describe('processes that save at once', () => {
  test.each(['overwrite a board', 'write a new one', 'find what a process left that died'])('%s: one wins', async (title) => {
    const path = title === 'write a new one' ? 'boards/new.yml' : 'boards/hello.yml'
    const version = path === 'boards/new.yml' ? [] : [await versionOf(path)]
    if (title.startsWith('find')) {
      // Its name is known when one save has made it.
      await save('boards/hello.yml', version[0])
      await project.write('boards/hello.yml', 'text: Hello\n')
      const { nameOfSave } = await import('../../server/boards/write-board.ts')
      const left = join(project.dir, '.dataface/saving', nameOfSave(join(project.dir, path)))
      await writeFile(left, 'text: half')
      await age(left)
    }
    const savers = await Promise.all([1, 2].map((one) => saver(path, `text: Text ${one}\n`, ...version)))
    const said = await Promise.all(savers.map(({ go }) => go()))
    expect(said.sort()).toEqual(['CONFLICT', 'SAVED'])
    expect(await readFile(join(project.dir, path), 'utf8')).toMatch(/^text: Text [12]\n$/)
    expect(await inSaving()).toEqual([])
  })
})

describe('a file that one alone may make', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dft-take-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  test('is given to one of very many that find it left behind, and to the next when that is done', async () => {
    const path = join(folder, 'one')
    await writeFile(path, 'left')
    await age(path)
    let holders = 0
    let most = 0
    const takes = Array.from({ length: 50 }, async () => {
      const taken = await takeFile(path, signal, performance.now() + 60_000)
      most = Math.max(most, ++holders)
      await new Promise((done) => setTimeout(done, 1))
      holders--
      await taken?.release()
    })
    await Promise.all(takes)
    expect(most).toBe(1)
    expect(await readdir(folder)).toEqual([])
  })

  test('is taken over though one died who took it over', async () => {
    const path = join(folder, 'one')
    await writeFile(path, 'left')
    await age(path)
    const first = await takeFile(path, signal)
    await age(path)
    expect(await takeFile(path, signal)).toMatchObject({ path })
    expect(first).toMatchObject({ path })
  })

  test('is waited for no longer than a caller waits, and no longer than the call lasts', async () => {
    const path = join(folder, 'one')
    await mkdir(path)
    expect(await takeFile(path, signal, performance.now() + 50)).toBeUndefined()
    const gone = new AbortController()
    const taking = takeFile(path, gone.signal)
    gone.abort(new Error('gone'))
    await expect(taking).rejects.toThrow('gone')
  })
})

test('a board that another saves is a conflict that may be tried again', async () => {
  const { nameOfSave } = await import('../../server/boards/write-board.ts')
  await mkdir(join(project.dir, '.dataface/saving', nameOfSave(join(project.dir, 'boards/hello.yml'))), { recursive: true })
  expect(await project.call('save_dashboard', { path: 'boards/hello.yml', yaml: 'text: y' })).toMatchObject({
    errors: [{ code: 'CONFLICT', retryable: true, retry_after_ms: expect.any(Number) }],
  })
})

test('what lies beside a board stops no save', async () => {
  await mkdir(join(project.dir, 'boards/hello.yml.lock'))
  expect(await save('boards/hello.yml', await versionOf('boards/hello.yml'))).toBe('SAVED')
})

describe('paths', () => {
  test.each([
    ['a folder', 'boards/folder.yml', 'VALIDATION_ERROR path'],
    ['a file as a folder', 'boards/hello.yml/x.yml', 'VALIDATION_ERROR path'],
    ['a name that is too long', `boards/${'a'.repeat(300)}.yml`, 'VALIDATION_ERROR path'],
    ['a name that is too long in bytes', `boards/${'ä'.repeat(200)}.yml`, 'VALIDATION_ERROR path'],
    ['the longest name', `boards/${'a'.repeat(251)}.yml`, 'SAVED'],
    ['a name that is not seen', 'boards/a\u200bb.yml', 'VALIDATION_ERROR path'],
    ['a line in a name', 'boards/a\u2028b.yml', 'VALIDATION_ERROR path'],
    ['half a character', 'boards/\ud800.yml', 'VALIDATION_ERROR path'],
    ['a backslash', 'boards\\x.yml', 'VALIDATION_ERROR path'],
    ['a link in a circle', 'boards/circle/x.yml', 'VALIDATION_ERROR path'],
    ['a link to nothing', 'boards/nothing/x.yml', 'VALIDATION_ERROR path'],
    ['a link to a board', 'boards/link.yml', 'CONFLICT version'],
    ['a name that differs in case', 'boards/HELLO.yml', 'CONFLICT path'],
    ['a folder that differs in case', 'boards/Folder.yml/x.yml', 'CONFLICT path'],
    ['letters that are written otherwise', 'boards/größe.yml', 'CONFLICT version'],
    ['blanks, quotes and letters of all scripts', 'boards/Årsrapport "één" 売上.yml', 'SAVED'],
  ])('%s', async (_, path, expected) => {
    await mkdir(join(project.dir, 'boards/folder.yml'))
    await symlink('circle', join(project.dir, 'boards/circle'))
    await symlink('gone', join(project.dir, 'boards/nothing'))
    await symlink('hello.yml', join(project.dir, 'boards/link.yml'))
    expect(await save(path)).toBe(expected)
    expect((await readdir(join(project.dir, 'boards'))).filter((name) => !/\.yml$|^(circle|nothing)$/.test(name))).toEqual([])
    expect(await inSaving()).toEqual([])
  })

  test('a path is looked at before the text', async () => {
    expect(await project.call('save_dashboard', { path: '../x.yml', yaml: 'charts: {a: {type: bra}}' })).toMatchObject({
      errors: [{ path: 'path' }],
    })
  })

  test.each(['./boards/hello.yml', 'boards//hello.yml', 'boards/x/../hello.yml', '/boards/hello.yml', 'boards/./hello'])(
    '%s is the board boards/hello.yml to every tool',
    async (path) => {
      const version = await versionOf('boards/hello.yml')
      expect(await project.data('get_dashboard', { path })).toMatchObject({ path: 'boards/hello.yml', version })
      for (const tool of ['render_dashboard', 'validate_yaml', 'review_dashboard', 'test_yaml_execution'])
        expect(await project.call(tool, { path, ...(tool === 'render_dashboard' && { format: 'text' }) }), tool).toMatchObject({
          success: true,
        })
    },
  )

  test('a board is saved, kept and read again under one path, however that is written', async () => {
    const saved = await project.data<{ version: string }>('save_dashboard', { path: './boards//a/../new.yml', yaml: 'text: One\n' })
    expect(saved).toMatchObject({ path: 'boards/new.yml' })
    await project.data('save_dashboard', { path: 'boards/new.yml', yaml: 'text: Two\n', version: saved.version })
    expect(await project.data('get_dashboard', { path: 'boards/./new.yml', version: saved.version })).toMatchObject({ yaml: 'text: One\n' })
  })

  test('letters have one form, whatever the files are called', async () => {
    const { dashboards } = await project.data<{ dashboards: { path: string }[] }>('list_dashboards', {})
    expect(dashboards.map(({ path }) => path)).toEqual(['boards/größe.yml', 'boards/hello.yml'].map((path) => path.normalize('NFC')))
    for (const form of ['NFC', 'NFD'])
      expect(await project.data('get_dashboard', { path: 'boards/größe.yml'.normalize(form) })).toMatchObject({ yaml: 'text: Size\n' })
  })
})

test.each([
  ['boards/new.md', 'title: Sales\ncharts: { c: { type: callout, text: x } }\n', 'Save it as "boards/new.yml".'],
  ['boards/other.md', '# comment\n\nqueries: { q: { columns: [a], values: [[1]] } }\ntext: x\n', 'Save it as "boards/other.yml".'],
  ['boards/new.yml', '---\ntitle: Sales\n---\n\n# Words\n', 'Save it as "boards/new.md".'],
  ['boards/new.md', '---\ntitle: Sales\n---\n\n# Words\n', undefined],
  ['boards/new.md', '# Sales\n\ntitle: of a song\n', undefined],
  ['boards/new.yaml', '---\ntitle: Sales\ntext: x\n', undefined],
])('a text is not saved under the ending of the other kind: %s', async (path, yaml, hint) => {
  const envelope = await project.call('save_dashboard', { path, yaml })
  expect(envelope.success ? undefined : envelope.errors[0]).toEqual(
    hint === undefined ? undefined : expect.objectContaining({ code: 'VALIDATION_ERROR', path: 'path', hint }),
  )
})

test('a text that was kept in part is not given for the whole', async () => {
  const version = await versionOf('boards/hello.yml')
  await save('boards/hello.yml', version)
  await project.write(`.dataface/boards/boards/hello.yml/${version}.yml`, 'text: He')
  expect(await project.call('get_dashboard', { path: 'boards/hello.yml', version })).toMatchObject({
    errors: [{ code: 'BOARD_NOT_FOUND' }],
  })
})

test('more boards than are looked at are told', async () => {
  for (let from = 0; from < 5_010; from += 500)
    await Promise.all(
      Array.from({ length: Math.min(500, 5_010 - from) }, (_, index) => project.write(`boards/many/${from + index}.yml`, 'text: x\n')),
    )
  await project.write('boards/node_modules/other.yml', 'text: x\n')
  for (const [tool, input] of [
    ['list_dashboards', {}],
    ['search_dashboards', { query: 'x' }],
  ] as const) {
    const { warnings } = await project.call(tool, input)
    expect(warnings).toEqual([{ code: 'BOARDS_UNLISTED', message: expect.stringContaining(' 12 files more than the 5000 ') }])
  }
  expect(await project.data('get_dashboard', { path: 'boards/many/999.yml' })).toMatchObject({ path: 'boards/many/999.yml' })
})
