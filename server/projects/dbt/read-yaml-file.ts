import { readFile, stat } from 'node:fs/promises'
import { parseYaml } from '../../yaml/parse-yaml.ts'

/** Files of a dbt project are written by people, or by a generator for people; more is something else. Bytes. */
const maxBytes = 4 * 1024 * 1024

/** Descriptions and columns that models share are written once, and named by an alias at each. */
const maxMarks = 4_000

/** A YAML file of others; `value` is undefined when it cannot be read, and null when it is empty. */
export interface LooseYaml {
  readonly value: unknown
  /** Why it cannot be read. */
  readonly fault?: YamlFault
  /** A template without quotes: what stands there is no text. */
  readonly unquoted?: YamlFault
}

interface YamlFault {
  readonly line: number
  readonly message: string
  readonly hint: string
}

/** Reads a YAML file as far as it can be read. Never throws. */
export const readYamlFile = async (path: string): Promise<LooseYaml> => {
  const failed = (message: string, hint: string): LooseYaml => ({ value: undefined, fault: { line: 1, message, hint } })
  try {
    if ((await stat(path)).size > maxBytes) return failed('The file is larger than 4 MB.', 'Split it.')
    const text = (await readFile(path, 'utf8')).replace(/^\ufeff/, '')
    if (text.includes('\0')) return failed('The file is no text in UTF-8.', 'Save it as UTF-8.')
    const yaml = parseYaml(text, path, { merge: true, maxMarks })
    const value = yaml.toValue()
    // Of two keys dbt takes the last.
    const find = (code: string): YamlFault | undefined => {
      const found = yaml.diagnostics.find((one) => one.level === 'error' && one.code === code)
      return found && { line: found.line, message: found.message, hint: found.hint ?? 'Put quotes around the value.' }
    }
    const [fault, unquoted] = [find('YAML_ERROR'), find('BAD_TEMPLATE')]
    return {
      value: value === undefined && fault === undefined ? null : value,
      ...(fault !== undefined && { fault }),
      ...(unquoted !== undefined && { unquoted }),
    }
  } catch {
    return failed('The file cannot be read.', 'Check its permissions.')
  }
}
