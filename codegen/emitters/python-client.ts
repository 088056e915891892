import { pascalCase } from '../generated-file.ts'
import type { JsonSchema } from '../json-schema.ts'
import type { ToolModel } from '../model.ts'
import { docstring, documentationOf, type PythonClass, pythonKeywords, pythonLiteral, pythonType, typingNames } from '../python-types.ts'

/** A tool as the Python client has it. */
export interface PythonTool {
  readonly tool: ToolModel
  readonly input: string
  readonly output: string
  readonly classes: readonly PythonClass[]
  readonly parameters: readonly Parameter[]
  /** Whether its answers continue with a cursor. */
  readonly hasPages: boolean
}

interface Parameter {
  readonly name: string
  /** Its key in the input. */
  readonly key: string
  readonly type: string
  readonly isRequired: boolean
  readonly schema: JsonSchema
}

/** Words of the language, and parameters that every method has. */
const reserved: ReadonlySet<string> = new Set([...pythonKeywords, 'self', 'timeout', 'retries'])

/** What a tool needs of types and parameters. */
export const pythonTool = (tool: ToolModel): PythonTool => {
  const classes: PythonClass[] = []
  const name = pascalCase(tool.name)
  const input = pythonType({ ...tool.input }, `${name}Input`, 'input', classes)
  const output = pythonType(tool.output, `${name}Output`, 'output', classes)
  const scratch: PythonClass[] = []
  const parameters = Object.entries(tool.input.properties ?? {}).map(
    ([key, schema]): Parameter => ({
      key,
      name: reserved.has(key) ? `${key}_` : key,
      type: pythonType(schema, `${name}Input${pascalCase(key)}`, 'input', scratch),
      isRequired: tool.input.required?.includes(key) === true,
      schema,
    }),
  )
  return {
    tool,
    input,
    output,
    classes,
    parameters: [...parameters.filter(({ isRequired }) => isRequired), ...parameters.filter(({ isRequired }) => !isRequired)],
    hasPages: tool.input.properties?.cursor !== undefined && tool.output.properties?.next_cursor !== undefined,
  }
}

/** Of which contracts a client is, and where its module stands. */
export interface PythonPlace {
  /** The version of the contracts that it asks for. */
  readonly version: number
  /** `.` in the package itself, `..` in a package below it. */
  readonly root: '.' | '..'
}

/** The module of the synchronous or the asynchronous client, with a method for each tool. */
export const pythonClient = (tools: readonly PythonTool[], kind: 'sync' | 'async', { version, root }: PythonPlace): string[] => {
  const isAsync = kind === 'async'
  const name = isAsync ? 'AsyncDataface' : 'Dataface'
  const [def, wait, close, iterator] = isAsync
    ? ['async def', 'await ', 'await client.close()', 'AsyncIterator']
    : ['def', '', 'client.close()', 'Iterator']
  const typed = (text: string): string => text.replace(/\b([A-Z]\w*)\b/g, (word) => (words.has(word) ? word : `types.${word}`))
  const words = new Set([...typingNames, 'None'])
  const methods = tools.flatMap((one) => {
    const { tool, parameters, output, hasPages } = one
    const signature = parameters.map(({ name, type, isRequired }) => {
      const spelled = typed(type)
      return isRequired
        ? `        ${name}: ${spelled},`
        : `        ${name}: ${spelled.startsWith('Optional[') ? spelled : `Optional[${spelled}]`} = None,`
    })
    const passed = (indent: string, left: readonly string[] = []): string[] =>
      parameters.filter(({ name }) => !left.includes(name)).map(({ name, key }) => `${indent}"${key}": ${name},`)
    const method = [
      '',
      `    ${def} ${tool.name}(`,
      '        self,',
      '        *,',
      ...signature,
      '        timeout: Optional[float] = DEFAULT,',
      '        retries: Optional[int] = None,',
      `    ) -> types.${output}:`,
      ...docstring(methodDoc(one), '        '),
      `        answer = ${wait}self._transport.call(`,
      `            "${tool.name}",`,
      '            {',
      ...passed('                '),
      '            },',
      `            ${tool.annotations.idempotent ? 'True' : 'False'},`,
      '            self._timeout if timeout is DEFAULT else timeout,',
      '            retries,',
      '        )',
      `        return cast("types.${output}", answer.data)`,
    ]
    const pages = [
      '',
      `    ${def} ${tool.name}_pages(`,
      '        self,',
      '        *,',
      ...signature,
      '        timeout: Optional[float] = DEFAULT,',
      '        retries: Optional[int] = None,',
      `    ) -> ${iterator}[types.${output}]:`,
      ...docstring(
        `The answers of \`${tool.name}\`, one after the other, to the last. \`cursor\`: begin where an earlier answer ended. \`timeout\` holds for each of them.`,
        '        ',
      ),
      '        while True:',
      `            page = ${wait}self.${tool.name}(`,
      ...parameters.map(({ name }) => `                ${name}=${name},`),
      '                timeout=timeout,',
      '                retries=retries,',
      '            )',
      '            yield page',
      '            cursor = page.get("next_cursor")',
      '            if cursor is None:',
      '                return',
    ]
    const stream = [
      '',
      `    ${def} ${tool.name}_rows(`,
      '        self,',
      '        *,',
      ...parameters.flatMap(({ name }, at) => (streamed.has(name) ? [signature[at] as string] : [])),
      '        timeout: Optional[float] = None,',
      '        retries: Optional[int] = None,',
      `    ) -> ${isAsync ? 'AsyncRowStream' : 'RowStream'}:`,
      ...docstring(
        `All rows of \`${tool.name}\`, one by one as they arrive, in constant memory. Use it in a${isAsync ? 'n `async with`' : ' `with`'} block; leaving it early ends the query. No timeout unless one is given.`,
        '        ',
      ),
      `        return ${wait}self._transport.stream(`,
      `            "${tool.name}",`,
      '            {',
      ...passed(
        '                ',
        parameters.map(({ name }) => name).filter((name) => !streamed.has(name)),
      ),
      '            },',
      '            timeout,',
      '            retries,',
      '        )',
    ]
    return [...method, ...(hasPages ? pages : []), ...(tool.streams ? stream : [])]
  })
  return [
    `"""The ${isAsync ? 'asynchronous' : 'synchronous'} client."""`,
    '',
    'from __future__ import annotations',
    '',
    ...(isAsync ? ['import ssl'] : []),
    `from typing import TYPE_CHECKING, Any, ${isAsync ? 'AsyncIterator' : 'Iterator'}, Literal, Mapping, Optional, Sequence, Union, cast`,
    '',
    `from ${root} import errors as _errors  # noqa: F401  # pyright: ignore[reportUnusedImport]  (fills the classes by code)`,
    ...(isAsync ? [`from ${root}_async import AsyncRowStream, AsyncTransport`] : []),
    `from ${root}_protocol import DEFAULT_RETRIES, DEFAULT_TIMEOUT, Answer, Hooks`,
    ...(isAsync ? [] : [`from ${root}_sync import RowStream, SyncTransport`]),
    '',
    'if TYPE_CHECKING:',
    '    from . import types',
    '',
    '#: Stands for the timeout of the client.',
    'DEFAULT: Any = object()',
    '',
    '',
    `class ${name}:`,
    ...docstring(
      [
        `A client of one server${isAsync ? ', for one event loop' : '; safe to share between threads'}.`,
        '',
        '`url`: where it is, as `http://127.0.0.1:4321`, with `/p/NAME` for a project. `token`: sent as a bearer token. `headers`: sent with every call. `timeout`: seconds that a call may take, all attempts and the body included; None for any time. `retries`: attempts after the first, of calls that may succeed later. `hooks`: called around every attempt.',
        '',
        `Every tool is a method, as it is at version ${version} of the contracts; arguments that are None are left out. What fails raises a \`DatafaceError\`.`,
      ].join('\n'),
      '    ',
    ),
    '',
    '    def __init__(',
    '        self,',
    '        url: str,',
    '        *,',
    '        token: Optional[str] = None,',
    '        headers: Optional[Mapping[str, str]] = None,',
    '        timeout: Optional[float] = DEFAULT_TIMEOUT,',
    '        retries: int = DEFAULT_RETRIES,',
    '        hooks: Hooks = Hooks(),',
    `        ssl_context: ${isAsync ? 'Optional[ssl.SSLContext]' : 'Any'} = None,`,
    '    ) -> None:',
    `        from ${root} import __version__`,
    '',
    '        sent = {"user-agent": f"dataface-python/{__version__}", **(headers or {})}',
    '        if token is not None:',
    '            sent["authorization"] = f"Bearer {token}"',
    '        self._timeout = timeout',
    `        self._transport = ${isAsync ? 'AsyncTransport' : 'SyncTransport'}(url, ${version}, sent, retries, hooks, ssl_context)`,
    '',
    `    ${def} ${isAsync ? '__aenter__' : '__enter__'}(self) -> ${name}:`,
    '        return self',
    '',
    `    ${def} ${isAsync ? '__aexit__' : '__exit__'}(self, *_: object) -> None:`,
    `        ${close.replace('client', 'self')}`,
    '',
    `    ${def} close(self) -> None:`,
    '        """Closes its connections."""',
    `        ${wait}self._transport.close()`,
    '',
    `    ${def} call(`,
    '        self,',
    '        tool: str,',
    '        arguments: Mapping[str, Any],',
    '        *,',
    '        idempotent: bool = False,',
    '        timeout: Optional[float] = DEFAULT,',
    '        retries: Optional[int] = None,',
    '    ) -> Answer[Any]:',
    ...docstring(
      'Calls a tool by name, as one that this client does not know, and gives the whole answer: data, warnings, meta, status and headers. `idempotent`: whether it may be sent again when the connection breaks.',
      '        ',
    ),
    `        return ${wait}self._transport.call(tool, arguments, idempotent, self._timeout if timeout is DEFAULT else timeout, retries)`,
    ...methods,
  ]
}

/** Arguments that a stream of rows takes; it has neither pages nor the limits of one. */
const streamed = new Set(['source', 'sql', 'params', 'timeout_ms'])

const methodDoc = ({ tool, parameters }: PythonTool): string => {
  const given = parameters.flatMap(({ name, schema }) => {
    const doc = documentationOf(schema)
    return doc === '' ? [] : [`\`${name}\`: ${doc}`]
  })
  const [example] = tool.examples
  return [
    tool.description,
    ...(given.length > 0 ? ['', ...given] : []),
    '',
    `Raises: ${tool.errors.map((code) => code).join(', ')}.`,
    ...(example === undefined
      ? []
      : ['', `${example.title}::`, '', `    client.${tool.name}(${pythonArguments(example.input, parameters)})`]),
  ].join('\n')
}

/** An input as the arguments of a call. */
export const pythonArguments = (input: unknown, parameters: readonly Parameter[]): string =>
  Object.entries(input as Record<string, unknown>)
    .map(([key, value]) => `${parameters.find((parameter) => parameter.key === key)?.name ?? key}=${pythonLiteral(value)}`)
    .join(', ')
