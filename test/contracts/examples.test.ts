import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { type Dataface, openDataface } from '../../server/main.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { root } from '../support/project-files.ts'

let demo: Dataface
beforeAll(async () => {
  const log = () => {}
  demo = openDataface({ project: await openProject({ dir: resolve(root, 'docs/examples/demo'), env: {}, log }), log })
})
afterAll(() => demo?.close())

const examples = contracts.flatMap((contract) => contract.examples.map((example) => ({ tool: contract.name, ...example })))

test('every tool has an example', () => {
  expect([...new Set(examples.map((example) => example.tool))]).toEqual(contracts.map((contract) => contract.name))
})

test.each(examples)('$tool: $title, as the docs show it', async ({ tool, input, output }) => {
  const envelope = await demo.dispatcher.dispatch({
    tool,
    input,
    door: 'inside',
    caller: { id: 'docs' },
    signal: new AbortController().signal,
  })
  const data = JSON.parse(JSON.stringify(envelope.success ? envelope.data : envelope), (key, value: unknown) =>
    key === 'elapsed_ms' ? 0 : key === 'next_cursor' ? 'cursor' : value,
  )
  expect(data).toEqual(output)
})
