import { once } from 'node:events'
import { formatDiagnostic } from '../projects/diagnostic.ts'
import { openState } from '../state/open-state.ts'
import { stateVariable } from '../state/shared-state.ts'
import { apiVersionFlag, readApiVersion } from './api-version.ts'
import { type Command, exitCodes, projectFlag } from './command.ts'
import { createCommandLog, openNamedProject } from './locate-project.ts'
import { openTelemetry } from './open-telemetry.ts'

export const command: Command = {
  usage: '',
  positionals: [0, 0],
  flags: { project: projectFlag, 'api-version': apiVersionFlag },
  details: ['For hosts that start their servers as processes. It ends when its input has and all that was asked is answered.'],
  examples: ['dft mcp --project analytics', 'claude mcp add dataface -- npx dft mcp --project /path/to/analytics'],
  async run(invocation) {
    const { signal } = invocation
    const log = createCommandLog(invocation, 'warn')
    const state = openState({ url: invocation.env[stateVariable], log })
    const [project, { openDataface }] = await Promise.all([openNamedProject(invocation, log, state), import('../main.ts'), state.prepare()])
    for (const finding of project.diagnostics) log('warn', formatDiagnostic(finding))
    const mcpVersion = readApiVersion(invocation)
    const { telemetry, close: closeTelemetry } = await openTelemetry(invocation, log)
    telemetry.observe(() => [project])
    const dataface = openDataface({ project, log, telemetry, ...(mcpVersion !== undefined && { mcpVersion }) })
    try {
      const door = await dataface.mcp()
      if (door !== undefined && !signal.aborted) await Promise.race([door.serveStdio(), once(signal, 'abort')])
    } finally {
      await dataface.close()
      await state.close()
      await closeTelemetry()
    }
    return exitCodes.ok
  },
}
