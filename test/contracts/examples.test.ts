import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { contracts } from '../../contracts/catalog.ts'
import { type Dataface, openDataface } from '../../server/main.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { type BoardProject, boardProject } from '../support/board-project.ts'
import { root } from '../support/project-files.ts'

let demo: Dataface
/** Where examples that write are run, so that the demo stays as it is. */
let scratch: BoardProject
beforeAll(async () => {
  const log = () => {}
  demo = openDataface({ project: await openProject({ dir: resolve(root, 'docs/examples/demo'), env: {}, log }), log })
  scratch = await boardProject({})
})
afterAll(() => Promise.all([demo?.close(), scratch?.close()]))

const examples = contracts.flatMap((contract) =>
  contract.examples.map((example) => ({ tool: contract.name, writes: !contract.annotations.readOnly, ...example })),
)

test('every tool has an example', () => {
  expect([...new Set(examples.map((example) => example.tool))]).toEqual(contracts.map((contract) => contract.name))
})

test.each(examples)('$tool: $title, as the docs show it', async ({ tool, writes, input, output }) => {
  const envelope = await (writes ? scratch.served : demo).dispatcher.dispatch({
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
