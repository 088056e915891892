import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import type { OpenSource, Project } from '../projects/project.ts'

/** The source of that name, or SOURCE_NOT_FOUND; a source that its configuration switched off answers with its reason. */
export const resolveSource = (project: Project, name: string): OpenSource => {
  const found = project.sources.get(name)
  if (found !== undefined) return found
  const disabled = project.disabled.get(name)
  if (disabled !== undefined) throw disabled.reason
  const near = nearestName(name, sourceNames(project))
  const all = listSourceNames(project)
  throw new Fault('SOURCE_NOT_FOUND', `No source is named "${name}".`, {
    path: 'source',
    hint: near === undefined || project.sources.size + project.disabled.size === 1 ? all : `Did you mean "${near}"? ${all}`,
  })
}

/** The names that a source may be given by, as a sentence. */
export const listSourceNames = (project: Project): string => {
  const names = sourceNames(project)
  if (names.length === 0) return 'The project has no sources.'
  if (names.length === 1) return `The only source is "${names[0]}".`
  const more = names.length - mostNames
  return `Sources: ${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more, which list_sources gives` : ''}.`
}

const mostNames = 20

const sourceNames = (project: Project): string[] => [...project.sources.keys(), ...project.disabled.keys()]
