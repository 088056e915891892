import { compareRevisions } from '../compat/compare-models.ts'
import type { Finding } from '../compat/finding.ts'
import { findingsAsMarkdown } from '../compat/print-findings.ts'
import type { ReleasedTool } from '../compat/released-model.ts'
import { type GeneratedFile, markdownFile } from '../generated-file.ts'
import type { Lock } from '../lock.ts'

/** What has changed in the contracts, the newest first, from the lock and what was found against it. */
export const emitContractChanges = (lock: Lock, findings: readonly Finding[]): GeneratedFile =>
  markdownFile('docs/contract-changes.md', [
    '# Changes of contracts',
    '',
    'Every difference between one release of the contracts and the next. **breaking**: a caller of the older contract fails, so that a new version of the contract came beside it. **dangerous**: it may, and somebody has looked at it. **visible**: models and people read something else. **safe**: nobody notices.',
    '',
    '`dft contracts diff` compares two releases, and `dft contracts explain RULE` says what a rule is about.',
    '',
    ...revisions(lock.released.tools),
    `## Since ${lock.released.release}`,
    '',
    findingsAsMarkdown(findings).trimEnd(),
    ...[...lock.history].reverse().flatMap(({ release, changes }) => ['', `## ${release}`, '', findingsAsMarkdown(changes).trimEnd()]),
    '',
    '## What is released',
    '',
    `Release ${lock.released.release}, written with ${lock.released.converter}.`,
    '',
    '| tool | version | tokens | aliases |',
    '| --- | --- | --- | --- |',
    ...lock.released.tools.map(
      ({ name, version, aliases }) =>
        `| \`${name}\` | ${version} | ${lock.released.tokens[name] ?? ''} | ${aliases.map((alias) => `\`${alias}\``).join(', ')} |`,
    ),
    ...(lock.released.removed.length === 0
      ? []
      : [
          '',
          'Removed names, which are not used again:',
          '',
          ...lock.released.removed.map(({ tool, field }) => `- \`${`${tool} ${field}`.trim()}\``),
        ]),
  ])

/** A section for each version of the contracts that is served, the newest first: what differs in it from the one before. */
const revisions = (tools: readonly ReleasedTool[]): string[] => {
  const majorOf = ({ version }: ReleasedTool): number => Number(version.split('.')[0])
  const majors = [...new Set(tools.map(majorOf))].sort((a, b) => b - a)
  return majors.flatMap((major) => {
    const changed = tools
      .filter((tool) => majorOf(tool) === major)
      .flatMap((tool) => {
        const [before] = tools
          .filter(({ name, ...rest }) => name === tool.name && majorOf({ name, ...rest }) < major)
          .sort((a, b) => majorOf(b) - majorOf(a))
        return before === undefined ? [] : [{ before, tool }]
      })
    if (major === majors.at(-1)) return [`## Version ${major}`, '', 'The first.', '']
    return [
      `## Version ${major}`,
      '',
      `${changed.map(({ before, tool }) => `\`${tool.name}\` is \`${tool.version}\` in place of \`${before.version}\`, which is served beside it${before.deprecated?.sunset === undefined ? '' : ` until ${before.deprecated.sunset}`}`).join('; ')}. Every other tool answers as before. [How to ask for a version](versions.md).`,
      '',
      findingsAsMarkdown(changed.flatMap(({ before, tool }) => compareRevisions(before, tool))).trimEnd(),
      '',
    ]
  })
}
