import { type Dialect, unsaidIn } from '../dialect.ts'
import { type GeneratedFile, markdownFile } from '../generated-file.ts'
import type { Model } from '../model.ts'

/** The page of a folder of function schemas: how they are used, and what of the contracts they cannot say. */
export const schemaReadme = (model: Model, dialect: Dialect, lines: readonly string[], more: readonly string[] = []): GeneratedFile =>
  markdownFile(`clients/${dialect.surface}/README.md`, [
    `# Tools for ${dialect.vendor}`,
    '',
    ...lines,
    ...(lines.at(-1) === '' ? [] : ['']),
    'Every call is validated by the server, which takes null for an optional argument as none.',
    '',
    '## What is not in the schemas',
    '',
    ...reportOf(model, dialect),
    ...more,
  ])

const reportOf = ({ tools }: Model, dialect: Dialect): string[] => {
  const unsaid = tools.flatMap(({ name, input }) => unsaidIn(input, dialect).map((one) => ({ tool: name, ...one })))
  if (unsaid.length === 0) return ['Nothing: they say all that the contracts do.']
  const groups = Map.groupBy(unsaid, ({ keyword, words }) => `\`${keyword}\` | ${words === undefined ? 'no' : 'yes'}`)
  return [
    '| constraint | in words | of |',
    '| --- | --- | --- |',
    ...[...groups].map(([group, of]) => {
      const fields = of.map(({ tool, field }) => `\`${tool} ${field.replace(/^input\.?/, '')}\``)
      return `| ${group} | ${[...new Set(fields)].join(', ')} |`
    }),
  ]
}
