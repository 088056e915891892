import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Envelope } from '../../server/envelope/envelope.ts'
import { type Dataface, openDataface } from '../../server/main.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { openProject } from '../../server/projects/open-project.ts'

export interface BoardProject {
  readonly dir: string
  readonly served: Dataface
  /** Lines that were logged, of every level. */
  readonly logged: readonly string[]
  write(path: string, text: string): Promise<void>
  call(tool: string, input: unknown): Promise<Envelope>
  /** The data of an answer that must have worked. */
  data<Data = Record<string, unknown>>(tool: string, input: unknown): Promise<Data>
  close(): Promise<void>
}

/** A project in a folder of its own, with these files; without a dataface.yml it has no sources. */
export const boardProject = async (files: Readonly<Record<string, string>>): Promise<BoardProject> => {
  const dir = await mkdtemp(join(tmpdir(), 'dft-boards-'))
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
  for (const [path, text] of Object.entries({ 'dataface.yml': 'name: test\nsources: {}\n', ...files })) await write(path, text)
  const logged: string[] = []
  const log = createJsonLog((line) => void logged.push(line), 'debug')
  const served = openDataface({ project: await openProject({ dir, env: {}, log }), log })
  const call: BoardProject['call'] = async (tool, input) =>
    JSON.parse(
      JSON.stringify(
        await served.dispatcher.dispatch({ tool, input, door: 'inside', caller: { id: 'test' }, signal: new AbortController().signal }),
      ),
    )
  return {
    dir,
    served,
    logged,
    write,
    call,
    async data<Data>(tool: string, input: unknown) {
      const envelope = await call(tool, input)
      if (!envelope.success) throw new Error(JSON.stringify(envelope.errors))
      return envelope.data as Data
    },
    async close() {
      await served.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
