import { chartTypes } from '../../contracts/v1/board/charts.ts'
import type { DiagnosticDefinition } from '../../contracts/v1/board/diagnostic-definition.ts'
import { diagnosticDefinitions } from '../../contracts/v1/board/diagnostics.ts'
import { exampleBoard } from '../../contracts/v1/board/example-board.ts'
import { formatAliases, nativeFormats } from '../../contracts/v1/board/formats.ts'
import { undrawnBoardStyle, undrawnStyle } from '../../contracts/v1/board/undrawn-style.ts'
import { type GeneratedFile, jsonFile, markdownFile, originComment } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { Model } from '../model.ts'

/** A part of the language that is told alone. */
interface Topic {
  readonly name: string
  readonly summary: string
  /** Names of the definitions it tells; the board itself is `Board`. */
  readonly blocks: readonly string[]
}

/** The language of boards: the JSON Schema for editors, what `get_schema` answers with, and its reference. */
export const emitBoards = ({ board }: Model): GeneratedFile[] => {
  const definitions: Record<string, JsonSchema> = {
    Board: { ...board.schema, description: 'A file, from its root.' },
    ...board.schema.$defs,
  }
  const topics = topicsOf(definitions)
  return [
    jsonFile('clients/editor/board.schema.json', {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $comment: originComment,
      title: 'Dataface board',
      ...board.schema,
    }),
    jsonFile('server/generated/board-language.json', {
      $comment: originComment,
      version: board.version,
      topics: topics.map((topic) => ({ name: topic.name, summary: topic.summary, blocks: topic.blocks, text: textOf(topic, definitions) })),
      schema: board.schema,
    }),
    markdownFile('docs/board-language/README.md', [
      '# The language of boards',
      '',
      `Version ${board.version}. A board is a YAML file; \`get_schema\` gives the same reference to agents, and editors check it as you type when the file begins with:`,
      '',
      '```yaml',
      '# yaml-language-server: $schema=../node_modules/dataface/clients/editor/board.schema.json',
      '```',
      '',
      '| topic | |',
      '| --- | --- |',
      ...topics.map(({ name, summary }) => `| [${name}](${name}.md) | ${summary} |`),
      '| [diagnostics](diagnostics.md) | What is found about boards, and what to do. |',
      '',
      '## A whole board',
      '',
      'Its rows stand in itself, so that it runs anywhere; SQL on a source stands in their place.',
      '',
      '```yaml',
      exampleBoard.trimEnd(),
      '```',
    ]),
    ...topics.map((topic) =>
      markdownFile(`docs/board-language/${topic.name}.md`, [
        `# ${topic.name}`,
        '',
        topic.summary,
        ...topic.blocks.flatMap((block) => blockSection(block, definitions)),
        ...(topic.name === 'formats' ? formatSection() : []),
        ...(topic.name === 'style' ? undrawnSection() : []),
      ]),
    ),
    markdownFile('docs/board-language/diagnostics.md', [
      '# Diagnostics',
      '',
      'Everything that is found about boards: from the text alone (compile), from the rows (data), by the rules of design, and by measuring what was drawn (fit). With an error the part that it is about is not drawn; the rest is. Warnings are left out where a chart names them in `warnings_ignore`, or a query in `ignore`.',
      '',
      '| code | level | found | what is wrong | what to do |',
      '| --- | --- | --- | --- | --- |',
      ...Object.entries<DiagnosticDefinition>(diagnosticDefinitions).map(
        ([code, { level, found, summary, fix }]) =>
          `| <a id="${code.toLowerCase()}"></a>\`${code}\` | ${level} | ${found} | ${summary} | ${fix} |`,
      ),
    ]),
  ]
}

const topicsOf = (definitions: Readonly<Record<string, JsonSchema>>): Topic[] => {
  const charts = Object.entries(definitions).filter(([, schema]) => chartTypes.includes(schema.properties?.type?.const as never))
  return [
    { name: 'board', summary: 'The file, and boards within it.', blocks: ['Board'] },
    {
      name: 'queries',
      summary: 'What a board asks for. A query is SQL, or one of these blocks.',
      blocks: ['SqlQuery', 'ValuesQuery', 'RowsQuery', 'QueryRef', 'MetricsQuery', 'HttpQuery', 'SchemaQuery'],
    },
    { name: 'variables', summary: 'Controls. {{ name }} in SQL binds the value as a parameter.', blocks: ['Variable'] },
    {
      name: 'layout',
      summary: 'One of rows, cols, grid and tabs, nested as needed.',
      blocks: ['LayoutRows', 'LayoutCols', 'LayoutItem', 'NestedBoard', 'Grid', 'Tabs', 'ChartRef'],
    },
    ...charts.map(([block, schema]) => ({
      name: String(schema.properties?.type?.const),
      summary: schema.description ?? '',
      blocks: [block],
    })),
    { name: 'layers', summary: 'Further marks over the rows of a chart, on its axis or one at the right.', blocks: ['Layer'] },
    {
      name: 'conditional_formatting',
      summary: 'Looks of cells and figures that follow from their values: by column, the first rule that holds.',
      blocks: ['ConditionalFormatting'],
    },
    {
      name: 'style',
      summary: 'How boards and charts look.',
      blocks: [
        'BoardStyle',
        'CartesianStyle',
        'PieStyle',
        'KpiStyle',
        'TableStyle',
        'ColumnStyle',
        'TextStyle',
        'AxisStyle',
        'AxisLabels',
        'AxisScale',
        'Legend',
        'Marks',
        'Mark',
        'MarkLabels',
        'ColorScale',
        'Border',
        'Stroke',
        'Sides',
        'Font',
        'TitleStyle',
      ],
    },
    {
      name: 'formats',
      summary: `How values are written: ${[...Object.keys(formatAliases), ...nativeFormats].join(', ')}, or a d3 format.`,
      blocks: [],
    },
  ].filter(({ blocks }) => blocks.every((block) => definitions[block] !== undefined))
}

/** For models: one line per key, as short as it can be said. */
const textOf = ({ name, summary, blocks }: Topic, definitions: Readonly<Record<string, JsonSchema>>): string =>
  [
    `# ${name}: ${summary}`,
    ...blocks.flatMap((block) => {
      const schema = definitions[block] as JsonSchema
      const head = blocks.length === 1 ? [] : [`## ${block}${schema.description === undefined ? '' : `: ${schema.description}`}`]
      return [
        ...head,
        ...keyRows(schema, '').map(
          ({ path, type, need, words }) => `${path}${need === 'always' ? '*' : ''}: ${type}${words === '' ? '' : `. ${words}`}`,
        ),
      ]
    }),
    ...(name === 'formats' ? Object.entries(formatAliases).map(([alias, spec]) => `${alias}: ${spec}`) : []),
  ].join('\n')

const blockSection = (block: string, definitions: Readonly<Record<string, JsonSchema>>): string[] => {
  const schema = definitions[block] as JsonSchema
  return [
    '',
    `## ${block}`,
    '',
    ...(schema.description === undefined ? [] : [schema.description, '']),
    '| key | value | | |',
    '| --- | --- | --- | --- |',
    ...keyRows(schema, '').map(
      ({ path, type, need, words }) => `| \`${path}\` | ${type.replaceAll('|', '\\|')} | ${need} | ${words.replaceAll('|', '\\|')} |`,
    ),
  ]
}

const formatSection = (): string[] => [
  '',
  '| name | d3 format |',
  '| --- | --- |',
  ...Object.entries(formatAliases).map(([alias, spec]) => `| \`${alias}\` | \`${spec}\` |`),
  ...nativeFormats.map((name) => `| \`${name}\` | for KPIs and tables only |`),
]

/** What is taken and changes nothing, so that nobody looks for its effect. */
const undrawnSection = (): string[] => [
  '',
  '## Taken, and not drawn',
  '',
  'Boards of other products have these keys. They are read, change nothing in a picture, and give the finding `STYLE_NOT_APPLIED`. `*` stands for any letters of a key, `**` for any keys before.',
  '',
  '| style of | keys |',
  '| --- | --- |',
  ...Object.entries({ ...undrawnStyle, board: undrawnBoardStyle }).map(
    ([type, keys]) => `| ${type} | ${keys.map((key) => `\`${key}\``).join(', ')} |`,
  ),
]

interface KeyRow {
  readonly path: string
  readonly type: string
  readonly need: 'always' | 'optional'
  readonly words: string
}

/** One row per key, nested ones dotted behind their parent; `[]` is an item of a list, `<name>` a name of the author's. */
const keyRows = (schema: JsonSchema, prefix: string): KeyRow[] => {
  if (schema.properties === undefined)
    return [{ path: '(value)', type: typeWords(schema), need: 'optional', words: '' }, ...innerRows(schema, prefix)]
  return Object.entries(schema.properties).flatMap(([name, property]) => {
    const path = `${prefix}${name}`
    const row: KeyRow = {
      path,
      type: typeWords(property),
      need: schema.required?.includes(name) === true ? 'always' : 'optional',
      words: property.description ?? '',
    }
    return [row, ...innerRows(property, path)]
  })
}

/** The keys of the blocks that a value may be or hold. */
const innerRows = (schema: JsonSchema, path: string): KeyRow[] => {
  if (schema.properties !== undefined) return keyRows(schema, `${path}.`)
  if (schema.type === 'array') return schema.items === undefined ? [] : innerRows(schema.items, `${path}[]`)
  if (typeof schema.additionalProperties === 'object')
    return innerRows(schema.additionalProperties, path === '' ? '<name>' : `${path}.<name>`)
  return (schema.anyOf ?? []).flatMap((one) => innerRows(one, path))
}

const typeWords = (schema: JsonSchema): string => {
  if (schema.$ref !== undefined) return schema.$ref.replace('#/$defs/', '')
  if (schema.enum !== undefined) return schema.enum.map(String).join(' | ')
  if (schema.const !== undefined) return String(schema.const)
  const members = schema.anyOf ?? schema.oneOf ?? schema.allOf
  if (members !== undefined) return [...new Set(members.map(typeWords))].join(' | ')
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'values' : typeWords(schema.items)}`
  if (schema.type === 'object' && typeof schema.additionalProperties === 'object')
    return `block of name: ${typeWords(schema.additionalProperties)}`
  if (schema.type === 'object') return 'block'
  return Array.isArray(schema.type) ? schema.type.join(' | ') : (schema.type ?? 'any')
}
