import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { root } from '../support/project-files.ts'

/** Where the cases lie. */
export const caseFolder = resolve(root, '../shared/cases')

/** Whether the field cases lie beside the project. */
export const hasCases = (): boolean => existsSync(caseFolder)

/** A file of cases as text, unpacked where it is packed. Fails clearly where the cases are not there. */
export const readText = (path: string): string => {
  const file = resolve(caseFolder, path)
  if (!existsSync(file))
    throw new Error(`The field cases are not there: ${path} is looked for in ../shared/cases. npm test needs none of them.`)
  const bytes = readFileSync(file)
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
}

/** The lines of a file of cases. */
export const readCases = <Case>(path: string): Case[] =>
  readText(path)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Case)
