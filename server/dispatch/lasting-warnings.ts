import type { Warning } from '../../contracts/v1/envelope.ts'
import type { OpenSource, Project } from '../projects/project.ts'
import type { ToolVersion } from './load-version.ts'

/** What every answer of a version says, drawn from a source or from any: what must be known of them, and that the version will go. */
export const lastingWarnings = (version: ToolVersion, project: Project, source: OpenSource | undefined): readonly Warning[] => {
  const known = sourceWarnings(project, source)
  return [...known, ...deprecationWarnings(version)]
}

/** That a version will go, where it will; said with failures as well. */
export const deprecationWarnings = (version: ToolVersion | undefined): readonly Warning[] => {
  if (version?.deprecated === undefined) return []
  const { label, deprecated } = version
  const { sunset, replacement } = deprecated
  const until = sunset === undefined ? 'will go' : `answers until ${sunset}`
  const instead = replacement === undefined ? 'Ask for a later version.' : `Call ${replacement} instead.`
  return [{ code: 'CONTRACT_DEPRECATED', message: `${label} ${until}. ${instead}` }]
}

const sourceWarnings = (project: Project, source: OpenSource | undefined): readonly Warning[] =>
  source !== undefined ? source.source.warnings : [...project.sources.values()].flatMap((entry) => entry.source.warnings)
