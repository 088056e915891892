import { readFile } from 'node:fs/promises'
import { boardsOf } from '../boards/board-store.ts'
import { findBoard } from '../boards/find-board.ts'
import { versionOfText } from '../boards/version-of-text.ts'
import { writeBoard } from '../boards/write-board.ts'
import { boardPathOf } from './board-argument.ts'
import { type Command, exitCodes, jsonFlag, projectFlag } from './command.ts'
import { createCommandLog, openNamedProject } from './locate-project.ts'
import { printable } from './terminal.ts'

export const command: Command = {
  usage: '[BOARD ...]',
  positionals: [0, 100],
  flags: {
    'dry-run': { about: 'Say what would change and write nothing.' },
    project: projectFlag,
    json: jsonFlag,
  },
  details: [
    'Rewrites boards of older grammars in that of today; comments and order stay. Without BOARD all of them, with the defaults and templates of their folders.',
  ],
  examples: ['dft migrate --dry-run', 'dft migrate faces/old.yml'],
  async run(invocation) {
    const { flags, positionals, terminal } = invocation
    const project = await openNamedProject(invocation, createCommandLog(invocation, 'error'))
    try {
      const store = boardsOf(project)
      const { migrateText } = await import('../boards/compile/migrate-text.ts')
      const paths =
        positionals.length > 0
          ? await Promise.all(positionals.map(async (name) => (await findBoard(store, boardPathOf(project, name))).board.path))
          : ((await store.files?.listAll()) ?? [])
      for (const { message } of store.warnings()) terminal.err(`warning: ${message}\n`)
      const changed: { file: string; changes: readonly string[] }[] = []
      for (const path of paths) {
        const file = await store.files?.resolve(path)
        if (store.files === undefined || file === undefined || !/\.ya?ml$/i.test(path)) continue
        const before = await readFile(file, 'utf8')
        const { text, changes } = migrateText(before)
        if (changes.length === 0) continue
        changed.push({ file: path, changes })
        if (flags['dry-run'] === true) continue
        await writeBoard(store.files, { path, file }, text, versionOfText(before), invocation.signal)
      }
      if (flags.json === true) terminal.out(`${JSON.stringify({ success: true, data: { changed } })}\n`)
      else {
        for (const { file, changes } of changed)
          terminal.out(`${printable(file)}\n${changes.map((change) => `  ${printable(change)}\n`).join('')}`)
        const verb = flags['dry-run'] === true ? 'would change' : 'changed'
        terminal.err(
          changed.length === 0
            ? 'Every board is written in the grammar of today.\n'
            : `${changed.length} of ${paths.length} files ${verb}.\n`,
        )
      }
      return exitCodes.ok
    } finally {
      await project.close()
    }
  },
}
