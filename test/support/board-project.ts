import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Dataface, openDataface } from '../../server/main.ts'
import { createJsonLog } from '../../server/operations/log.ts'
import { openProject } from '../../server/projects/open-project.ts'
import { type AskInside, askInside } from './ask-inside.ts'

export interface BoardProject extends AskInside {
  readonly dir: string
  readonly served: Dataface
  /** Lines that were logged, of every level. */
  readonly logged: readonly string[]
  write(path: string, text: string): Promise<void>
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
  return {
    dir,
    served,
    logged,
    write,
    ...askInside(served),
    async close() {
      await served.close()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
