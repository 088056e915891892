import { type GeneratedFile, markdownFile, originComment, pascalCase } from '../generated-file.ts'
import { type Model, modelAt, versionsOf } from '../model.ts'
import { docstring, type PythonClass, pythonType, typingNames } from '../python-types.ts'
import { type PythonTool, pythonClient, pythonTool } from './python-client.ts'

const folder = 'clients/python'
const source = `${folder}/src/dataface`

/**
 * A Python client: types, errors and methods from the model, beside the modules of `runtime`, which are the same whatever
 * the contracts are. `runtime`: file name to text.
 */
export const emitPython = (model: Model, version: string, runtime: Readonly<Record<string, string>>): GeneratedFile[] => {
  const versions = versionsOf(model)
  const newest = versions.at(-1) ?? 1
  const tools = model.tools.map((tool) => pythonTool(tool))
  return [
    ...Object.entries(runtime).map(([name, text]) => pythonFile(`${source}/${name}`, [text.trimEnd()])),
    pythonFile(`${source}/types.py`, typesModule([...envelopeClasses(model), ...tools.flatMap(({ classes }) => classes)])),
    pythonFile(`${source}/errors.py`, errorsModule(model)),
    pythonFile(`${source}/client.py`, pythonClient(tools, 'sync', { version: newest, root: '.' })),
    pythonFile(`${source}/async_client.py`, pythonClient(tools, 'async', { version: newest, root: '.' })),
    ...versions.slice(0, -1).flatMap((one) => versionPackage(model, one)),
    pythonFile(`${source}/__init__.py`, packageModule(version)),
    { path: `${source}/py.typed`, content: '\n' },
    { path: `${folder}/pyproject.toml`, content: `# ${originComment}\n${projectFile(version)}` },
    markdownFile(`${folder}/README.md`, readme(versions)),
  ]
}

/** The clients and types of an earlier version, as a package in the package: `from dataface.v1 import Dataface`. */
const versionPackage = (model: Model, version: number): GeneratedFile[] => {
  const tools = modelAt(model, version).tools.map((tool) => pythonTool(tool))
  const isSame = ({ tool }: PythonTool): boolean => model.tools.includes(tool)
  const folder = `${source}/v${version}`
  return [
    pythonFile(
      `${folder}/types.py`,
      typesModule(
        tools.filter((one) => !isSame(one)).flatMap(({ classes }) => classes),
        [...envelopeClasses(model), ...tools.filter(isSame).flatMap(({ classes }) => classes)],
      ),
    ),
    pythonFile(`${folder}/client.py`, pythonClient(tools, 'sync', { version, root: '..' })),
    pythonFile(`${folder}/async_client.py`, pythonClient(tools, 'async', { version, root: '..' })),
    pythonFile(`${folder}/__init__.py`, [
      `"""The clients for version ${version} of the contracts: every tool answers as it did then."""`,
      '',
      'from .async_client import AsyncDataface',
      'from .client import Dataface',
      '',
      '__all__ = ["AsyncDataface", "Dataface"]',
    ]),
  ]
}

const pythonFile = (path: string, lines: readonly string[]): GeneratedFile => ({
  path,
  content: `# ${originComment}\n${lines.join('\n')}\n`,
})

const envelopeClasses = (model: Model): PythonClass[] => {
  const classes: PythonClass[] = []
  pythonType(model.envelope.meta, 'Meta', 'output', classes)
  pythonType(model.envelope.warning, 'Warning', 'output', classes)
  return classes
}

/** A module with these classes, and with those that it takes from the package it is in. */
const typesModule = (classes: readonly PythonClass[], taken: readonly PythonClass[] = []): string[] => {
  const names = taken.map(({ name }) => name).filter((name) => !name.startsWith('_'))
  const used = typingNames.filter((name) => new RegExp(`\\b${name}\\b`).test(classes.flatMap(({ lines }) => lines).join('\n')))
  return [
    '"""Inputs and outputs of the tools, as the contracts promise them. Outputs may gain keys; unknown ones are kept."""',
    '',
    'from __future__ import annotations',
    '',
    `from typing import ${used.join(', ')}`,
    ...(names.length === 0 ? [] : ['', 'from ..types import (', ...names.sort().map((name) => `    ${name} as ${name},`), ')']),
    ...classes.flatMap(({ lines }) => ['', '', ...lines]),
  ]
}

const errorsModule = (model: Model): string[] => {
  const classes = Object.entries(model.errors).map(([code, { summary, remedy }]) => ({
    code,
    name: `${pascalCase(code.toLowerCase())}`,
    summary,
    remedy,
  }))
  const nameOf = (name: string): string => (name.endsWith('Error') ? name : `${name}Error`)
  return [
    '"""A class for each error code. All are `DatafaceError`; see its attributes."""',
    '',
    'from __future__ import annotations',
    '',
    'from ._errors import (',
    '    BadResponseError,',
    '    ConnectionFailedError,',
    '    DatafaceError,',
    '    DeadlineExceededError,',
    '    classes_by_code,',
    '    is_dataface_error,',
    ')',
    ...classes.flatMap(({ code, name, summary, remedy }) => [
      '',
      '',
      `class ${nameOf(name)}(DatafaceError):`,
      ...docstring(`${code}: ${summary} ${remedy}`, '    '),
    ]),
    '',
    '',
    'classes_by_code.update(',
    '    {',
    ...classes.map(({ code, name }) => `        "${code}": ${nameOf(name)},`),
    '    }',
    ')',
    '',
    '__all__ = [',
    ...[
      'BadResponseError',
      'ConnectionFailedError',
      'DatafaceError',
      'DeadlineExceededError',
      'is_dataface_error',
      ...classes.map(({ name }) => nameOf(name)),
    ]
      .sort()
      .map((name) => `    "${name}",`),
    ']',
  ]
}

const packageModule = (version: string): string[] => [
  '"""Typed, read-only access to the data sources and dashboards of a Dataface server."""',
  '',
  'from __future__ import annotations',
  '',
  'from typing import TYPE_CHECKING, Any',
  '',
  'from ._protocol import Answer, Hooks, Request, Response',
  'from .client import Dataface',
  'from .errors import DatafaceError, is_dataface_error',
  '',
  'if TYPE_CHECKING:',
  '    from .async_client import AsyncDataface',
  '    from .frames import records, to_pandas, to_polars, to_python',
  '',
  `__version__ = "${version}"`,
  '',
  '__all__ = [',
  ...[
    'Answer',
    'AsyncDataface',
    'Dataface',
    'DatafaceError',
    'Hooks',
    'Request',
    'Response',
    'is_dataface_error',
    'records',
    'to_pandas',
    'to_polars',
    'to_python',
  ].map((name) => `    "${name}",`),
  ']',
  '',
  '_lazy = {',
  '    "AsyncDataface": "async_client",',
  '    "records": "frames",',
  '    "to_pandas": "frames",',
  '    "to_polars": "frames",',
  '    "to_python": "frames",',
  '}',
  '',
  '',
  'def __getattr__(name: str) -> Any:',
  '    """Loads what not every program needs on first use."""',
  '    if name not in _lazy:',
  '        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")',
  '    from importlib import import_module',
  '',
  '    return getattr(import_module(f".{_lazy[name]}", __name__), name)',
]

const projectFile = (version: string): string => `[build-system]
requires = ["setuptools>=61"]
build-backend = "setuptools.build_meta"

[project]
name = "dataface"
version = "${version}"
description = "Typed, read-only access to the data sources and dashboards of a Dataface server."
readme = "README.md"
license = { text = "Apache-2.0" }
requires-python = ">=3.10"
dependencies = []

[project.optional-dependencies]
pandas = ["pandas>=1.5"]
polars = ["polars>=1.0"]

[tool.setuptools.packages.find]
where = ["src"]

[tool.setuptools.package-data]
dataface = ["py.typed"]
`

const readme = (versions: readonly number[]): string[] => [
  '# Python client',
  '',
  'Python 3.10 and later, no dependencies. `pip install ./clients/python`, or copy `src/dataface`.',
  '',
  '```python',
  'from dataface import Dataface, DatafaceError, records',
  '',
  'with Dataface("http://127.0.0.1:4321") as client:',
  '    result = client.execute_query(source="vega", sql="SELECT count(*) AS flights FROM flights_3m")',
  '    print(records(result))',
  '',
  '    try:',
  '        client.execute_query(source="vega", sql="SELEC 1")',
  '    except DatafaceError as error:',
  '        print(error.code, error.position, error.hint)',
  '```',
  '',
  '- **Every tool is a method** with keyword arguments, a docstring and a typed answer (`dataface.types`).',
  '- **Async**: `AsyncDataface` has the same methods; cancelling the task ends the query in the database.',
  '- **Errors**: one base class, a class and a `code` for each, with `hint`, `position`, `retryable`, `request_id`.',
  '- **Retries**: two by default, only where the answer says that the same call may succeed later, with jitter, as the server asks by Retry-After. `timeout` covers all attempts and the body.',
  '- **Pages**: `execute_query_pages(...)` follows cursors. **All rows**: `with client.execute_query_rows(...) as rows:` streams any number in constant memory.',
  '- **Frames**: `to_pandas(result)`, `to_polars(result)`; `records(result)` gives dicts of Python values, decimals and dates included.',
  ...(versions.length > 1
    ? [
        `- **Versions**: this client asks for version ${versions.at(-1)} of the contracts; \`from dataface.v${versions[0]} import Dataface\` gives the one for version ${versions[0]}, with its types, as it was.`,
      ]
    : []),
  '- **The whole answer**: `client.call("execute_query", {...})` gives data, warnings, meta, status and headers; `Hooks` see every attempt.',
]
