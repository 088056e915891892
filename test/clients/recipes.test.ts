/** The programs of the recipes, as they are shown, against this server and a model whose turns are known. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { runDft } from '../cli/run-dft.ts'
import { blocksOf, makeProgramFolder, type ProgramFolder } from '../support/program-folder.ts'
import { root } from '../support/project-files.ts'
import { startReplayedModel, type Turn } from '../support/replayed-model.ts'
import { type Started, startDataface, vegaSource } from '../support/start-dataface.ts'

let started: Started
let folder: ProgramFolder
beforeAll(async () => {
  started = await startDataface(`name: demo\nsources:${vegaSource}`)
  folder = makeProgramFolder()
  for (const file of ['openai/responses.json', 'anthropic/tools.json', 'vscode/contributes.json'])
    cpSync(resolve(root, 'clients', file), join(folder.path, file.split('/')[1] as string))
})
afterAll(async () => {
  await started?.close()
  folder?.remove()
})

const served = (text: string): string => text.replaceAll('http://127.0.0.1:4321', started.url)
const page = (name: string): string => `recipes/${name}.md`

/** Pages with a program that runs a model. */
const withModel = ['openai-responses', 'openai-agents', 'claude', 'vercel-ai-sdk', 'langchain'] as const

/** A call that fails and says why, one that works, and the answer. */
const turns: readonly Turn[] = [
  { name: 'execute_query', input: { source: 'vega', sql: 'SELECT origins FROM flights_3m' } },
  {
    name: 'execute_query',
    input: { source: 'vega', sql: 'SELECT origin, count(*) AS flights FROM flights_3m GROUP BY origin ORDER BY flights DESC LIMIT 2' },
  },
  { text: 'ORD and DFW.' },
]

test('every recipe is listed, and tested here or with the generators of clients', () => {
  const recipes = readdirSync(resolve(root, 'docs/recipes')).filter((file) => file !== 'README.md')
  expect(recipes.sort()).toEqual([...withModel, 'copilot', 'openapi-clients'].map((name) => `${name}.md`).sort())
  const list = readFileSync(resolve(root, 'docs/recipes/README.md'), 'utf8')
  for (const file of recipes) expect(list).toContain(`](${file})`)
})

test('the compiler is content with every program', async () => {
  const files = [...withModel, 'copilot'].map((name) => {
    writeFileSync(join(folder.path, `${name}.ts`), served(blocksOf(page(name), 'ts').join('\n')))
    return `${name}.ts`
  })
  expect(await folder.compile(files)).toBe('')
})

test('a program that asks another host would fail', async () => {
  writeFileSync(join(folder.path, 'elsewhere.ts'), "await fetch('http://192.0.2.1/').catch(() => {})\n")
  await expect(folder.run('elsewhere.ts')).rejects.toMatchObject({ stderr: 'The program asked 192.0.2.1.\n' })
})

describe.each(withModel)('%s', (name) => {
  test('the model is given the tools, and what they answer', async () => {
    const model = await startReplayedModel(turns)
    try {
      writeFileSync(join(folder.path, `${name}.ts`), served(blocksOf(page(name), 'ts').join('\n')))
      const printed = await folder.run(`${name}.ts`, {
        ...{ OPENAI_API_KEY: 'none', OPENAI_BASE_URL: model.url },
        ...{ ANTHROPIC_API_KEY: 'none', ANTHROPIC_BASE_URL: model.url.replace('/v1', '') },
      })
      expect(printed).toBe('ORD and DFW.\n')
      const [first, afterError, afterRows] = model.requests
      for (const tool of contracts) expect(first).toContain(`"${tool.name}"`)
      expect(first).toContain('From which two airports did most flights leave?')
      expect(afterError).toContain('SQL_ERROR')
      expect(afterError).toContain('origins')
      expect(afterRows).toContain('166341')
      expect(model.requests).toHaveLength(turns.length)
    } finally {
      await model.close()
    }
  })
})

test.each([
  ['copilot', 'vscode'],
  ['claude', 'claude-code'],
])('the settings that %s shows are those that dft init mcp %s makes, and lead to the server', async (name, client) => {
  const made = await runDft(['init', 'mcp', client, '--url', 'http://127.0.0.1:4321/mcp', '--print'])
  expect(JSON.parse(blocksOf(page(name), 'json')[0] as string)).toEqual(JSON.parse(made.out))
  const [settings] = blocksOf(page(name), 'json').map((text) => JSON.parse(served(text)) as Record<string, Record<string, { url: string }>>)
  const [servers] = Object.values(settings ?? {})
  const session = new Client({ name: 'recipe', version: '1' })
  await session.connect(new StreamableHTTPClientTransport(new URL(servers?.dataface?.url as string)))
  expect((await session.listTools()).tools.map((tool) => tool.name).sort()).toEqual(contracts.map((contract) => contract.name).sort())
  await session.close()
})

test('the extension registers every tool that it contributes, and each answers from the server', async () => {
  // What VS Code gives an extension; it has no other home than VS Code.
  mkdirSync(join(folder.path, 'node_modules/vscode'), { recursive: true })
  writeFileSync(join(folder.path, 'node_modules/vscode/package.json'), '{"name":"vscode","type":"module","exports":"./index.js"}')
  writeFileSync(
    join(folder.path, 'node_modules/vscode/index.js'),
    `export const registered = new Map()
export const lm = { registerTool: (name, tool) => { registered.set(name, tool); return { dispose() {} } } }
export class LanguageModelTextPart { constructor(value) { this.value = value } }
export class LanguageModelToolResult { constructor(content) { this.content = content } }
`,
  )
  writeFileSync(join(folder.path, 'extension.ts'), served(blocksOf(page('copilot'), 'ts').join('\n')))
  writeFileSync(
    join(folder.path, 'host.ts'),
    `import { registered } from 'vscode'
import { activate } from './extension.ts'
const subscriptions = []
activate({ subscriptions })
const answers = []
for (const { input } of ${JSON.stringify(turns.filter((turn) => 'name' in turn))})
  answers.push((await registered.get('execute_query').invoke({ input })).content[0].value)
console.log(JSON.stringify({ names: [...registered.keys()].sort(), disposables: subscriptions.length, answers }))
`,
  )
  const told = JSON.parse(await folder.run('host.ts')) as { names: string[]; disposables: number; answers: string[] }
  expect(told.names).toEqual(contracts.map((contract) => contract.name).sort())
  expect(told.disposables).toBe(contracts.length)
  expect(told.answers[0]).toContain('SQL_ERROR')
  expect(told.answers[1]).toContain('166341')
})
