import type { Finding } from './finding.ts'
import { type Level, levels } from './law.ts'
import { rules } from './rules.ts'

/** The most grave first, then by tool as they were found. */
export const inOrderOfGravity = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => levels.indexOf(a.level) - levels.indexOf(b.level))

/** A value as people read it: of one that is very long, both ends. */
const shown = (value: unknown): string => {
  const text = JSON.stringify(value)
  return text.length <= 400 ? text : `${text.slice(0, 150)} ... ${text.slice(-50)}, ${text.length} characters`
}

/** Where, what and by which value, in one line: `catalog input.limit [bound-tightened] ...; witness {...}`. */
export const findingLine = ({ tool, field, rule, message, witness }: Finding): string =>
  `${tool} ${field} [${rule}] ${message}${witness === undefined ? '' : `; witness ${shown(witness.value)} (accepted ${witness.acceptedBy} only)`}`

const countsOf = (findings: readonly Finding[]): string =>
  levels
    .map((level) => [findings.filter((finding) => finding.level === level).length, level] as const)
    .filter(([count]) => count > 0)
    .map(([count, level]) => `${count} ${level}`)
    .join(', ') || 'no changes'

/** One line for each, and how many there are of each level. */
export const findingsAsText = (findings: readonly Finding[]): string =>
  [...inOrderOfGravity(findings).map((finding) => `${finding.level}: ${findingLine(finding)}`), countsOf(findings), ''].join('\n')

export const findingsAsJson = (findings: readonly Finding[]): string =>
  `${JSON.stringify({ findings: inOrderOfGravity(findings) }, null, 2)}\n`

/** A table for a pull request or a page. */
export const findingsAsMarkdown = (findings: readonly Pick<Finding, 'level' | 'tool' | 'field' | 'rule' | 'message'>[]): string => {
  const cell = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ')
  const rows = findings.map(
    ({ level, tool, field, rule, message }) => `| ${level} | \`${tool}\` | \`${cell(field)}\` | ${rule} | ${cell(message)} |`,
  )
  return rows.length === 0 ? 'No changes.\n' : ['| | tool | field | rule | |', '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n')
}

const sarifLevels = { breaking: 'error', dangerous: 'warning', visible: 'note', safe: 'none' } as const satisfies Record<Level, string>

/** SARIF 2.1.0, https://docs.oasis-open.org/sarif/sarif/v2.1.0/. Fields of contracts are logical locations. */
export const findingsAsSarif = (findings: readonly Finding[]): string => {
  const used = [...new Set(findings.map(({ rule }) => rule))].sort()
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'dataface contracts',
            rules: used.map((id) => ({ id, shortDescription: { text: rules[id].summary }, help: { text: rules[id].advice } })),
          },
        },
        results: inOrderOfGravity(findings).map((finding) => ({
          ruleId: finding.rule,
          ruleIndex: used.indexOf(finding.rule),
          level: sarifLevels[finding.level],
          message: { text: findingLine(finding) },
          locations: [{ logicalLocations: [{ fullyQualifiedName: `${finding.tool} ${finding.field}`, kind: 'member' }] }],
          partialFingerprints: { 'change/v1': finding.fingerprint },
          properties: {
            effect: finding.effect,
            direction: finding.direction,
            ...(finding.witness !== undefined && { witness: finding.witness }),
          },
        })),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}
