import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { openDataface } from '../../server/main.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { root } from '../support/project-files.ts'

const page = readFileSync(resolve(root, 'docs/streaming.md'), 'utf8')

test('the example of the page answers as the page shows', async () => {
  const [, headers = '', body = '', shown = ''] = /curl -s \S+((?: -H '[^']+')+) -d '([^']+)'\n```\n\n```json\n(.*?)```/s.exec(page) ?? []
  const log = () => {}
  const demo = openDataface({ project: await openProject({ dir: resolve(root, 'docs/examples/demo'), env: {}, log }), log })
  const response = await (await demo.app()).request('http://127.0.0.1/api/v1/execute_query', {
    method: 'POST',
    headers: [
      ['host', '127.0.0.1'],
      ...[...headers.matchAll(/-H '([^:]+): ([^']+)'/g)].map(([, name, value]): [string, string] => [name as string, value as string]),
    ],
    body,
  })
  const told = (await response.text())
    .replace(/"(elapsed_ms|timing_ms)":[\d.]+/g, '"$1":0')
    .replace(/"request_id":"[^"]+"/, '"request_id":""')
  expect(told).toBe(shown)
  await demo.close()
})
