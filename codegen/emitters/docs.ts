import { type ErrorCode, type ErrorDefinition, errorCodeList, errorDefinitions } from '../../contracts/v1/errors.ts'
import { canonicalTypes, jsonIsWrittenAnew } from '../../contracts/v1/values.ts'
import { type GeneratedFile, jsonFile, kebabCase, markdownFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model, ToolModel } from '../model.ts'

/** The reference: a page per tool, a page per error code, the table of types, and their lists. */
export const emitDocs = (model: Model): GeneratedFile[] => [
  markdownFile('docs/tools/README.md', [
    '# Tools',
    '',
    '| tool | contract | what it does |',
    '| --- | --- | --- |',
    ...model.tools.map((tool) => `| [\`${tool.name}\`](${kebabCase(tool.name)}.md) | ${tool.version} | ${tool.description} |`),
    '',
    'Executed by the host, not by the server: a program with an editor that runs agents offers these beside the tools above, from [`clients/editor/host-tools.json`](../../clients/editor/host-tools.json). No door lists them.',
    '',
    '| tool | contract | what it does |',
    '| --- | --- | --- |',
    ...model.hostTools.map((tool) => `| [\`${tool.name}\`](${kebabCase(tool.name)}.md) | ${tool.version} | ${tool.description} |`),
  ]),
  ...[...model.tools, ...model.hostTools].map((tool) => toolPage(tool, model)),
  ...model.earlier.map((tool) => toolPage(tool, model)),
  markdownFile('docs/errors/README.md', [
    '# Errors',
    '',
    'Every failed answer holds `errors`, each with one of these codes. The first one decides the HTTP status.',
    '',
    '| code | status | retry | who can fix it | |',
    '| --- | --- | --- | --- | --- |',
    ...errorCodeList.map((code) => {
      const definition: ErrorDefinition = errorDefinitions[code]
      return `| [\`${code}\`](${code}.md) | ${definition.httpStatus} | ${definition.retryable ? 'yes' : 'no'} | ${definition.fixedBy} | ${definition.summary} |`
    }),
  ]),
  ...errorCodeList.map((code) => errorPage(code, model)),
  markdownFile('docs/values.md', [
    '# How values travel',
    '',
    'Each column of a result names its canonical `type`, which decides the JSON form of its values, the same from every database. NULL is `null`.',
    '',
    '| type | JSON |',
    '| --- | --- |',
    ...Object.entries(canonicalTypes).map(([type, form]) => `| \`${type}\` | ${form.replaceAll('|', '\\|')} |`),
    '',
    'As text, NULL stands apart from the empty string: in CSV it is empty, and the empty string is `""`; in Markdown it is `NULL`, the empty string is empty, and a text of that word is `"NULL"`.',
    '',
    jsonIsWrittenAnew,
  ]),
]

/** The page of a tool, or of one of its earlier versions, which stands a folder deeper. */
const toolPage = (tool: ToolModel, { tools, earlier }: Pick<Model, 'tools' | 'earlier'>): GeneratedFile => {
  const isEarlier = earlier.includes(tool)
  const up = isEarlier ? '../../' : '../'
  const file = kebabCase(tool.name)
  const current = isEarlier ? tools.find(({ name }) => name === tool.name) : undefined
  const older = isEarlier ? [] : earlier.filter(({ name }) => name === tool.name)
  return markdownFile(`docs/tools/${isEarlier ? `v${tool.major}/` : ''}${file}.md`, [
    `# ${tool.name}${isEarlier ? `, version ${tool.major}` : ''}`,
    '',
    ...deprecationBanner(tool, current),
    tool.description,
    '',
    `Contract \`${tool.name}@${tool.version}\`. ${tool.executedBy === 'host' ? 'Executed by the host, not by the server; no door lists it.' : hints(tool)}`,
    ...(tool.streams ? ['', `Over REST the whole result can be had [as a stream](${up}streaming.md), NDJSON or Arrow.`] : []),
    ...(older.length > 0
      ? [
          '',
          `Served beside it: ${older.map(({ version, major }) => `[\`${tool.name}@${version}\`](v${major}/${file}.md)`).join(', ')}. [How to ask for a version](${up}versions.md).`,
        ]
      : []),
    ...(tool.aliases.length > 0 ? ['', `Also accepted as ${tool.aliases.map((alias) => `\`${alias}\``).join(', ')}.`] : []),
    '',
    '## Input',
    '',
    ...fieldTable(tool.input, 'It takes no arguments.'),
    '',
    '## Output',
    '',
    'The `data` of a successful answer:',
    '',
    ...fieldTable(tool.output, 'Nothing.'),
    '',
    '## Errors',
    '',
    ...tool.errors.map((code) => `- [\`${code}\`](${up}errors/${code}.md): ${errorDefinitions[code].summary}`),
    ...(tool.examples.length > 0 ? ['', '## Examples', ...tool.examples.flatMap((example) => exampleSection(tool, example))] : []),
  ])
}

/** The pages of the tools as the server gives them to readers without the folder: name to Markdown, without links. */
export const emitToolPages = (model: Model): GeneratedFile =>
  jsonFile(
    'server/generated/tool-pages.json',
    Object.fromEntries(
      model.tools.map((tool) => [
        tool.name,
        toolPage(tool, model)
          .content.replace(/^<!--.*-->\s*/, '')
          .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'),
      ]),
    ),
  )

const deprecationBanner = ({ deprecated }: ToolModel, current: ToolModel | undefined): string[] => {
  if (deprecated === undefined) return []
  const { sunset, replacement } = deprecated
  const until = sunset === undefined ? 'It will be removed.' : `It answers until ${sunset}.`
  const instead =
    current !== undefined
      ? ` Call [version ${current.major}](../${kebabCase(current.name)}.md) instead; [how](../../versions.md).`
      : replacement === undefined
        ? ''
        : ` Call [\`${replacement}\`](${kebabCase(replacement)}.md) instead.`
  return [`> **Deprecated since ${deprecated.since}.** ${until}${instead}`, '']
}

const hints = ({ annotations }: ToolModel): string =>
  [
    annotations.readOnly ? 'Reads only.' : annotations.destructive ? 'May overwrite.' : 'Writes.',
    annotations.idempotent ? 'Safe to repeat.' : '',
    annotations.openWorld ? 'Reaches beyond the project.' : "Stays within the project's sources.",
  ]
    .filter((hint) => hint !== '')
    .join(' ')

const exampleSection = (tool: ToolModel, { title, input, output }: ToolModel['examples'][number]): string[] => [
  '',
  `### ${title}`,
  '',
  ...(tool.executedBy === 'host'
    ? ['```json', JSON.stringify(input, null, 2), '```']
    : [
        '```sh',
        `curl -s http://127.0.0.1:4321${tool.path} -H 'content-type: application/json' -d '${JSON.stringify(input).replaceAll("'", "'\\''")}'`,
        '```',
      ]),
  '',
  'Its `data`:',
  '',
  '```json',
  JSON.stringify(output, null, 2),
  '```',
]

const fieldTable = (schema: JsonSchema, none: string): string[] => {
  const rows = fieldRows(schema, '')
  return rows.length === 0 ? [none] : ['| field | type | | |', '| --- | --- | --- | --- |', ...rows]
}

/** One row per field, nested ones dotted behind their parent; `[]` stands for the items of an array. */
const fieldRows = (schema: JsonSchema, prefix: string): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const path = `${prefix}${name}`
    const need =
      schema.required?.includes(name) === true
        ? 'always'
        : property.default === undefined
          ? 'optional'
          : `default \`${JSON.stringify(property.default)}\``
    const row = `| \`${path}\` | ${typeWords(property)} | ${need} | ${[property.description, limitWords(property)].filter(Boolean).join(' ').replaceAll('|', '\\|')} |`
    const inner = property.type === 'array' ? fieldRows(property.items ?? {}, `${path}[].`) : fieldRows(property, `${path}.`)
    return [row, ...inner]
  })

const typeWords = (schema: JsonSchema): string => {
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeWords).join(' or ')
  if (schema.type === 'array') return `array of ${typeWords(schema.items ?? {})}`
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'any')
}

const limitWords = ({ minimum, maximum, maxLength, maxItems }: JsonSchema): string => {
  const range =
    minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}.` : maximum !== undefined ? `At most ${maximum}.` : ''
  return [
    range,
    maxLength === undefined ? '' : `At most ${maxLength} characters.`,
    maxItems === undefined ? '' : `At most ${maxItems} items.`,
  ]
    .filter(Boolean)
    .join(' ')
}

const errorPage = (code: ErrorCode, model: Model): GeneratedFile => {
  const definition: ErrorDefinition = errorDefinitions[code]
  const fixer = { caller: 'The caller.', operator: 'The operator of the server or the database.', nobody: 'Nobody needs to; it passes.' }[
    definition.fixedBy
  ]
  const tools = model.tools.filter((tool) => tool.errors.includes(code))
  return markdownFile(`docs/errors/${code}.md`, [
    `# ${code}`,
    '',
    definition.summary,
    '',
    '| | |',
    '| --- | --- |',
    `| What to do | ${definition.remedy} |`,
    `| Who can fix it | ${fixer} |`,
    `| Retry the same call | ${definition.retryable ? 'Yes, after a short wait or `retry_after_ms`.' : 'No; it would fail again. An answer whose `retryable` is true says otherwise.'} |`,
    `| HTTP status | ${definition.httpStatus} |`,
    `| Tools | ${tools.length === 0 ? 'Answered before any tool is reached.' : tools.map((tool) => `[\`${tool.name}\`](../tools/${kebabCase(tool.name)}.md)`).join(', ')} |`,
  ])
}
