import type { GeneratedFile } from './generated-file.ts'

/**
 * What programs name of a client: what it exports, the members of its classes and interfaces, and of what is called the
 * arguments that must be given, in their order: `listTables(transport, input)`, `Dataface.call(tool, input)`.
 */
export const typescriptNames = (files: readonly GeneratedFile[]): string[] => {
  const index = files.find(({ path }) => path.endsWith('/index.d.ts'))?.content ?? ''
  const listed = [...index.matchAll(/^export (?:type )?\{(.*)\} from/gm)].flatMap(([, names = '']) => names.match(/\w+/g) ?? [])
  const whole = [...index.matchAll(/^export (?:type )?\* from '\.\/(\w+)\.js'/gm)].map(([, module = '']) => module)
  return unique(
    files.flatMap(({ path, content }) => {
      const module = /\/(\w+)\.d\.ts$/.exec(path)?.[1]
      if (module === undefined) return []
      // Of the types of tools the names are told; what is in them is judged by their contracts.
      const names = declaredNames(content).filter((name) => module !== 'types' || !name.includes('.'))
      return module === 'index' || whole.includes(module) ? names : names.filter((name) => listed.includes(baseOf(name)))
    }),
  )
}

const baseOf = (name: string): string => name.split(/[.(]/)[0] ?? ''

const declaredNames = (content: string): string[] => {
  const exported = [...content.matchAll(/^export (?:declare )?(?:const|function|class|interface|type) ([\w$]+)(?:: (?:<[^>]*>)?(\(.*))?/gm)]
  const blocks = [...content.matchAll(/^export (?:declare )?(?:class|interface) ([\w$]+)[^\n]*\{\n(.*?)^\}/gms)]
  return [
    ...exported.map(([, name = '', parameters]) => (parameters === undefined ? name : `${name}${required(parameters)}`)),
    ...blocks.flatMap(([, name = '', body = '']) => {
      const indent = /^ +/.exec(body)?.[0] ?? ''
      const members = body.matchAll(new RegExp(`^${indent}(?:readonly )?([\\w$]+)\\??(?:<[^>]*>)?(\\(.*|:)`, 'gm'))
      return [...members].map(([, member = '', rest = '']) => `${name}.${member}${rest === ':' ? '' : required(rest)}`)
    }),
  ]
}

/** As `typescriptNames`, of a Python package: its public modules, and what they share that it exports. */
export const pythonNames = (files: readonly GeneratedFile[]): string[] => {
  const modules = files.flatMap(({ path, content }) => {
    const module = /\/src\/\w+\/(\w+)\.py$/.exec(path)?.[1]
    return module === undefined ? [] : [{ module, content }]
  })
  const listed = modules.find(({ module }) => module === '__init__')?.content ?? ''
  const exported = [...(/^__all__ = \[(.*?)\]/ms.exec(listed)?.[1] ?? '').matchAll(/"(\w+)"/g)].map(([, name = '']) => name)
  const defined = modules.flatMap(({ module, content }) =>
    definedNames(content).filter((name) =>
      module === 'types' ? !name.includes('.') : !module.startsWith('_') || exported.includes(baseOf(name)),
    ),
  )
  return unique([...exported.filter((name) => !defined.some((one) => baseOf(one) === name)), ...defined])
}

const definedNames = (content: string): string[] => {
  const names: string[] = []
  let owner = ''
  for (const [, indent = '', kind = '', name = '', rest = ''] of content
    .replace(/""".*?"""/gs, '')
    .matchAll(/^( {4})?(class |(?:async )?def )?(\w+)(\(.*?\)(?= ->|:)|:(?= \w))?/gms)) {
    if (kind === 'class ') owner = indent === '' && !name.startsWith('_') ? name : ''
    else if (indent === '' && kind !== '') owner = ''
    const isPublic = name === '__init__' || !name.startsWith('_')
    if (indent === '') {
      if (kind !== '' && isPublic) names.push(kind === 'class ' ? name : `${name}${required(rest)}`)
    } else if (owner !== '' && isPublic && kind.endsWith('def ')) names.push(`${owner}.${name}${required(rest)}`)
    else if (owner !== '' && isPublic && kind === '' && rest === ':') names.push(`${owner}.${name}`)
  }
  return names
}

/** The arguments that must be given, of a list that begins with a bracket. */
const required = (text: string): string => {
  const given = argumentsOf(text)
    .map((one) => one.trim())
    .filter((one) => one !== '' && one !== 'self' && !one.startsWith('*') && !/^\w+\?|[^=]=[^>=]/.test(one))
  return `(${given.map((one) => one.split(':')[0]).join(', ')})`
}

/** Split where a comma stands outside of all brackets. */
const argumentsOf = (text: string): string[] => {
  const parts = ['']
  let depth = 0
  for (const [index, character] of [...text].entries()) {
    if ('([{<'.includes(character)) depth++
    else if (')]}'.includes(character) || (character === '>' && text[index - 1] !== '=')) depth--
    if (depth === 0) break
    if (character === ',' && depth === 1) parts.push('')
    else if (index > 0) parts[parts.length - 1] += character
  }
  return parts
}

const unique = (names: readonly string[]): string[] => [...new Set(names)].sort()
