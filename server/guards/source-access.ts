import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import type { OpenSource, Project } from '../projects/project.ts'

/** The source of that name, or SOURCE_NOT_FOUND; a source that its configuration switched off answers with its reason. */
export const resolveSource = (project: Project, name: string): OpenSource => {
  const found = project.sources.get(name)
  if (found !== undefined) return found
  const disabled = project.disabled.get(name)
  if (disabled !== undefined) throw disabled.reason
  const names = [...project.sources.keys(), ...project.disabled.keys()]
  const near = nearestName(name, names)
  throw new Fault('SOURCE_NOT_FOUND', `No source is named "${name}".`, {
    path: 'source',
    hint: near === undefined ? `Sources: ${names.slice(0, 20).join(', ') || 'none'}.` : `Did you mean "${near}"?`,
  })
}
