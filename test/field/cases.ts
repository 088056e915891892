import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { root } from '../support/project-files.ts'

const folder = resolve(root, '../shared/cases')

/** The lines of a file of cases. Fails clearly where the cases are not there. */
export const readCases = <Case>(path: string): Case[] => {
  const file = resolve(folder, path)
  if (!existsSync(file))
    throw new Error(`The field cases are not there: ${path} is looked for in ../shared/cases. npm test needs none of them.`)
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Case)
}
