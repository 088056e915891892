import type { Model, ToolModel } from '../model.ts'
import { javascriptLiteral } from '../typescript-types.ts'
import { pythonArguments, pythonTool } from './python-client.ts'
import { clientFunctionName } from './typescript-client.ts'

/** A program that makes one call, as the reference shows it beside an operation. */
export interface CodeSample {
  readonly lang: 'Shell' | 'TypeScript' | 'Python'
  readonly label: string
  readonly source: string
}

const server = 'http://127.0.0.1:4321'

/** Programs that send the first example of a tool: by hand, and by the clients of its version. Tests run them. */
export const codeSamples = (tool: ToolModel, { earlier }: Pick<Model, 'earlier'>): CodeSample[] => {
  const [example] = tool.examples
  if (example === undefined) return []
  const input = example.input as Readonly<Record<string, unknown>>
  const isEarlier = earlier.includes(tool)
  const typescriptClient = isEarlier ? `@dataface/client/v${tool.major}` : '@dataface/client'
  const pythonClient = isEarlier ? `dataface.v${tool.major}` : 'dataface'
  const given = Object.keys(input).length === 0 ? '' : javascriptLiteral(input)
  const body = JSON.stringify(input).replaceAll("'", "'\\''")
  return [
    { lang: 'Shell', label: 'curl', source: `curl -s ${server}${tool.path} -H 'content-type: application/json' -d '${body}'` },
    {
      lang: 'TypeScript',
      label: 'TypeScript',
      source: [
        `import { Dataface } from '${typescriptClient}'`,
        '',
        `const dataface = new Dataface({ url: '${server}' })`,
        `console.log(JSON.stringify(await dataface.${clientFunctionName(tool)}(${given})))`,
      ].join('\n'),
    },
    {
      lang: 'Python',
      label: 'Python',
      source: [
        'import json',
        '',
        `from ${pythonClient} import Dataface`,
        '',
        `with Dataface("${server}") as client:`,
        `    print(json.dumps(client.${tool.name}(${pythonArguments(input, pythonTool(tool).parameters)})))`,
      ].join('\n'),
    },
  ]
}
