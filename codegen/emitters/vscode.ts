import { type Dialect, definitionOf, toolFindings } from '../dialect.ts'
import { camelCase, type GeneratedFile, jsonFile } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ContractFinding, Model } from '../model.ts'
import { schemaReadme } from './schema-readme.ts'

/** `inputSchema` is draft-07 of JSON Schema without `const`, `default` and `examples`; Copilot takes 128 tools in one request. */
export const vscodeDialect: Dialect = {
  surface: 'vscode',
  vendor: 'VS Code',
  functionName: /^(?!copilot_|vscode_)[\w-]{1,64}$/,
  parameterName: /^[\w.-]{1,64}$/,
  keywords: new Set(
    (
      'type title description properties required additionalProperties propertyNames patternProperties minProperties maxProperties items ' +
      'contains uniqueItems anyOf oneOf allOf not enum format pattern minimum maximum exclusiveMinimum exclusiveMaximum multipleOf ' +
      'minLength maxLength minItems maxItems'
    ).split(' '),
  ),
  listedTypes: new Set(['string', 'number', 'boolean', 'null']),
  maxFunctions: 128,
}

/** An entry of `contributes.languageModelTools` in the manifest of an extension. */
export interface LanguageModelTool {
  readonly name: string
  readonly displayName: string
  readonly modelDescription: string
  readonly userDescription: string
  readonly toolReferenceName: string
  readonly canBeReferencedInPrompt: true
  readonly icon: string
  readonly tags: readonly string[]
  readonly inputSchema: JsonSchema
}

/** An entry of `contributes.languageModelToolSets`. */
export interface LanguageModelToolSet {
  readonly name: string
  readonly description: string
  readonly icon: string
  /** Reference names of its tools. */
  readonly tools: readonly string[]
}

/** The tools of the server, and those that a host with an editor executes itself. */
export const languageModelTools = ({ tools, hostTools }: Model): LanguageModelTool[] =>
  [...tools, ...hostTools].map((tool) => {
    const { name, description, schema } = definitionOf(vscodeDialect, tool)
    return {
      name,
      displayName: tool.title,
      modelDescription: description,
      userDescription: firstSentence(description),
      toolReferenceName: camelCase(name),
      canBeReferencedInPrompt: true,
      icon: tool.annotations.readOnly ? '$(database)' : '$(edit)',
      tags: ['dataface', tool.annotations.readOnly ? 'read-only' : 'writes'],
      inputSchema: schema,
    }
  })

export const languageModelToolSets = ({ tools, hostTools }: Model): LanguageModelToolSet[] => {
  const all = [...tools, ...hostTools]
  const reading = all.filter(({ annotations }) => annotations.readOnly)
  const setOf = (name: string, description: string, icon: string, of: typeof all): LanguageModelToolSet[] =>
    of.length === 0 ? [] : [{ name, description, icon, tools: of.map((tool) => camelCase(tool.name)) }]
  return [
    ...setOf('dataface', 'Query data and work on dashboards', '$(graph)', all),
    ...setOf('datafaceRead', 'Query data and read dashboards, without writing any', '$(database)', reading),
  ]
}

const firstSentence = (text: string): string => /^.*?[.:](?= |$)/.exec(text)?.[0].replace(/:$/, '.') ?? text

export const vscodeFindings = (model: Model): ContractFinding[] => {
  const tools = languageModelTools(model)
  const references = tools.map(({ toolReferenceName }) => toolReferenceName)
  const refuse = (tool: string, field: string, message: string): ContractFinding => ({
    tool,
    field,
    message: `VS Code refuses it: ${message}`,
  })
  return [
    ...toolFindings(vscodeDialect, [...model.tools, ...model.hostTools]),
    ...tools.flatMap(({ name, toolReferenceName, tags }, index) => [
      ...(/^[\w-]+$/.test(toolReferenceName) ? [] : [refuse(name, 'toolReferenceName', `"${toolReferenceName}" has other letters`)]),
      ...tools
        .slice(0, index)
        .filter((other) => other.toolReferenceName === toolReferenceName && other.name !== name)
        .map((other) => refuse(name, 'toolReferenceName', `"${toolReferenceName}" is that of ${other.name}`)),
      ...tags.filter((tag) => /^(copilot|vscode)_/.test(tag)).map((tag) => refuse(name, 'tags', `"${tag}" is reserved`)),
    ]),
    ...languageModelToolSets(model).flatMap(({ name, tools: named }) => [
      ...(/^[\w-]+$/.test(name) && !references.includes(name) ? [] : [refuse(name, 'name', 'a set of tools needs a name of its own')]),
      ...named.filter((one) => !references.includes(one)).map((one) => refuse(name, 'tools', `there is no tool "${one}"`)),
    ]),
  ]
}

export const emitVscode = (model: Model): GeneratedFile[] => [
  jsonFile('clients/vscode/contributes.json', {
    languageModelTools: languageModelTools(model),
    languageModelToolSets: languageModelToolSets(model),
  }),
  schemaReadme(model, vscodeDialect, [
    'The `contributes` of an extension that brings the tools into VS Code itself. Where the server is reached over MCP none is needed: `dft init mcp vscode`.',
    '',
    'Each tool is registered by its name, and asks the server by the [TypeScript client](../typescript/README.md):',
    '',
    '```ts',
    "import { Dataface } from '@dataface/client'",
    "import * as vscode from 'vscode'",
    "import { languageModelTools } from './contributes.json'",
    '',
    "const dataface = new Dataface({ url: 'http://127.0.0.1:4321' })",
    ...(model.hostTools.length === 0
      ? ['for (const { name } of languageModelTools)']
      : [
          `const own = [${model.hostTools.map(({ name }) => `'${name}'`).join(', ')}]`,
          'for (const { name } of languageModelTools.filter((tool) => !own.includes(tool.name)))',
        ]),
    '  vscode.lm.registerTool(name, {',
    '    invoke: async ({ input }) => {',
    '      const { data } = await dataface.transport.call(name, input as object)',
    '      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(JSON.stringify(data))])',
    '    },',
    '  })',
    '```',
    '',
    ...(model.hostTools.length === 0
      ? []
      : [
          `${model.hostTools.map(({ name }) => `\`${name}\``).join(', ')} the extension executes itself; [host-tools.json](../editor/host-tools.json) holds what its answer must be.`,
          '',
        ]),
  ]),
]
