/** The TypeScript client as someone gets it: packed, installed in an empty project, compiled, run, bundled, in a browser. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { openBrowser } from '../support/browser.ts'
import { clientOutcome, clientProgram } from '../support/client-program.ts'
import { clientPrograms, packedBytes } from '../support/packed-bytes.ts'
import { root } from '../support/project-files.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'
import { compilers, typeCostOf, writeConsumer } from '../support/type-cost.ts'

const run = promisify(execFile)
const source = resolve(root, 'clients/typescript')

let started: Started
/** A project with nothing in it but the installed package. */
let project: string
let installed: string
beforeAll(async () => {
  started = await startDataface(`name: demo\nsources:${vegaSource}`)
  project = mkdtempSync(join(tmpdir(), 'typescript-client-'))
  const { stdout } = await run('npm', ['pack', '--json', '--silent', '--pack-destination', project], { cwd: source })
  const parsed = JSON.parse(stdout) as { filename: string }[] | Record<string, { filename: string }>
  const [packed] = Object.values(parsed)
  writeFileSync(join(project, 'package.json'), '{"name":"elsewhere","private":true,"type":"module"}')
  await run('npm', ['install', '--no-audit', '--no-fund', '--offline', join(project, packed?.filename as string)], { cwd: project })
  installed = join(project, 'node_modules/@dataface/client')
}, 300_000)
afterAll(async () => {
  await started?.close()
  rmSync(project, { recursive: true, force: true })
})

/** The programs of the README, with the address of this server. */
const programs = [...readFileSync(join(source, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)].map((match) => match[1] as string)
const served = (program: string): string => program.replaceAll('http://127.0.0.1:4321', started.url)

describe('installed in an empty project', () => {
  test('it brings no other package and no code of the server', async () => {
    const { stdout } = await run('npm', ['ls', '--all', '--json'], { cwd: project })
    expect(Object.keys((JSON.parse(stdout) as { dependencies: object }).dependencies)).toEqual(['@dataface/client'])
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as Record<string, unknown>
    expect([manifest.dependencies, manifest.peerDependencies, manifest.sideEffects]).toEqual([undefined, undefined, false])
    const modules = ['client', 'errors', 'index', 'streams', 'tools', 'transport'].map((name) =>
      readFileSync(join(installed, `${name}.js`), 'utf8'),
    )
    for (const [, name] of modules.join('\n').matchAll(/from '([^']+)'/g)) expect(name).toMatch(/^\.\/\w+\.js$/)
    expect(modules.join('\n')).not.toMatch(/\b(process|Buffer|require|__dirname)\b/)
  })

  test.each(compilers)('its declarations and the programs of its README are content with %s, in the strictest ways', async (compiler) => {
    const files = programs.map((program, index) => {
      writeFileSync(join(project, `readme-${index}.ts`), served(program))
      return `readme-${index}.ts`
    })
    const compilerOptions = {
      ...{ target: 'es2022', lib: ['es2022', 'dom', 'dom.asynciterable'], types: [], strict: true, noEmit: true },
      ...{ exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, verbatimModuleSyntax: true, skipLibCheck: false },
    }
    for (const resolution of [{ module: 'nodenext' }, { module: 'esnext', moduleResolution: 'bundler' }]) {
      writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...compilerOptions, ...resolution }, files }))
      const compiled = await run(process.execPath, [resolve(root, 'node_modules', compiler, 'bin/tsc'), '-p', '.'], { cwd: project }).catch(
        ({ stdout }: { stdout: string }) => ({ stdout }),
      )
      expect(compiled.stdout).toBe('')
    }
  })

  test.each([
    ['a tool there is not', 'await dataface.runQuery({})', "Property 'runQuery' does not exist"],
    ['an argument there is not', "await dataface.listTables({ source: 'a', tables: [] })", "'tables' does not exist"],
    ['a missing argument', "await dataface.executeQuery({ source: 'a' })", "Property 'sql' is missing"],
    ['a value outside its list', "await dataface.getMetadata({ source: 'a', detail: 'all' })", `Type '"all"' is not assignable`],
    ['the arguments of another tool by name', "await dataface.call('list_tables', { sql: 'a' })", "'sql' does not exist"],
    ['a page of a stream', "await dataface.executeQueryRows({ source: 'a', sql: 'b', cursor: 'c' })", "'cursor' does not exist"],
    ['a version there is not', "new Dataface({ url: '', version: 3 })", "Type '3' is not assignable"],
    [
      'a field of another version',
      "void (await new Dataface({ url: '', version: 1 }).testYamlExecution()).queries[0]?.error?.code",
      "Property 'code' does not exist",
    ],
    ['a field that no answer has', 'const { tables } = await dataface.listSources()', "Property 'tables' does not exist"],
  ])('the compiler refuses %s', async (_title, line, message) => {
    writeFileSync(
      join(project, 'wrong.ts'),
      `import { Dataface } from '@dataface/client'\nconst dataface = new Dataface({ url: '' })\n${line}\n`,
    )
    const compilerOptions = { target: 'es2022', lib: ['es2022', 'dom'], module: 'nodenext', types: [], strict: true, noEmit: true }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['wrong.ts'] }))
    const compiled = run(resolve(root, 'node_modules/typescript/bin/tsc'), ['-p', '.'], { cwd: project })
    await expect(compiled).rejects.toMatchObject({ stdout: expect.stringContaining(message) })
  })

  test('the programs of its README run, as they are', async () => {
    const outputs: string[] = []
    for (const [index, program] of programs.entries()) {
      writeFileSync(join(project, `readme-${index}.mjs`), served(program))
      outputs.push((await run(process.execPath, [`readme-${index}.mjs`], { cwd: project })).stdout)
    }
    expect(outputs[0]).toContain("[ [ '3000000' ] ]")
    expect(outputs[0]).toContain('SQL_ERROR')
    expect(outputs[1]).toMatch(/^\d+ 100000\n\[ 'airports', 'flights_3m' \]/)
    expect(outputs[2]).toContain('movies')
    expect(outputs[2]).toContain('list_sources@')
    expect(outputs[3]).toBe('vega\n')
  })

  test('it works in Chromium, as modules, unbundled', async () => {
    const browser = await openBrowser()
    try {
      const page = await browser.newPage()
      await page.route(`${started.url}/page/**`, (route) => {
        const name = new URL(route.request().url()).pathname.replace('/page/', '')
        if (name === '') return route.fulfill({ contentType: 'text/html', body: '<!doctype html><title>A page</title>' })
        return route.fulfill({ contentType: 'text/javascript', body: readFileSync(join(installed, name), 'utf8') })
      })
      await page.goto(`${started.url}/page/`)
      expect(await page.evaluate(`import('/page/index.js').then((client) => (${clientProgram})(client, ''))`)).toEqual(clientOutcome)
    } finally {
      await browser.close()
    }
  })
})

describe('its size', () => {
  test('is 3 KB at most, and 0.1 KB for each tool; who calls one tool pays for one', async () => {
    const core = await packedBytes(clientPrograms.core)
    const one = await packedBytes(clientPrograms['one tool'])
    const all = await packedBytes(clientPrograms.everything)
    expect(core).toBeLessThanOrEqual(3 * 1024)
    expect(one - core).toBeLessThanOrEqual(0.1 * 1024)
    expect(all).toBeLessThanOrEqual((3 + 0.1 * contracts.length) * 1024)
  })
})

describe.each(['typescript', 'trpc'] as const)('the types of a %s client of 1,200 tools', (client) => {
  test.each(compilers)('cost a program that calls twenty of them at most 300 instantiations with %s', (compiler) => {
    const consumer = writeConsumer(client, 1200)
    try {
      const { instantiations } = typeCostOf(consumer, compiler)
      expect(instantiations).toBeGreaterThan(0)
      expect(instantiations).toBeLessThanOrEqual(300)
    } finally {
      consumer.remove()
    }
  })
})
