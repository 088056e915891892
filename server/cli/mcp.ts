import { once } from 'node:events'
import { formatDiagnostic } from '../projects/diagnostic.ts'
import { apiVersionFlag, readApiVersion } from './api-version.ts'
import { type Command, exitCodes, projectFlag } from './command.ts'
import { createCommandLog, openNamedProject } from './locate-project.ts'

export const command: Command = {
  usage: '',
  positionals: [0, 0],
  flags: { project: projectFlag, 'api-version': apiVersionFlag },
  details: ['For hosts that start their servers as processes. It ends when its input has and all that was asked is answered.'],
  examples: ['dft mcp --project analytics', 'claude mcp add dataface -- npx dft mcp --project /path/to/analytics'],
  async run(invocation) {
    const { signal } = invocation
    const log = createCommandLog(invocation, 'warn')
    const [project, { openDataface }] = await Promise.all([openNamedProject(invocation, log), import('../main.ts')])
    for (const finding of project.diagnostics) log('warn', formatDiagnostic(finding))
    const mcpVersion = readApiVersion(invocation)
    const dataface = openDataface({ project, log, ...(mcpVersion !== undefined && { mcpVersion }) })
    try {
      const door = await dataface.mcp()
      if (door !== undefined && !signal.aborted) await Promise.race([door.serveStdio(), once(signal, 'abort')])
    } finally {
      await dataface.close()
    }
    return exitCodes.ok
  },
}
