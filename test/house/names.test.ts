import { readFileSync } from 'node:fs'
import { basename, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, root } from '../support/project-files.ts'

const files = projectFiles()
const written = files.filter((file) => /^(contracts|codegen|server|test)\/.*\.tsx?$/.test(file) && !file.includes('/generated/'))
const text = (file: string): string => readFileSync(resolve(root, file), 'utf8')

test('the top level holds what was agreed and nothing else', () => {
  const agreed = ['contracts', 'codegen', 'server', 'clients', 'docs', 'test']
  const papers = ['package.json', 'package-lock.json', 'tsconfig.json', 'README.md', 'CHANGELOG.md', 'LICENSE']
  const top = [...new Set(files.map((file) => file.split('/')[0] as string))]
  expect(top.filter((name) => !agreed.includes(name) && !papers.includes(name) && !name.startsWith('.'))).toEqual([])
})

test('files are named in kebab-case after a subject', () => {
  const odd = written.filter((file) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config|bench|d))?\.tsx?$/.test(basename(file)))
  expect(odd).toEqual([])
  const empty = files.filter((file) => /(^|\/)(utils?|helpers?|common|misc|shared)(\/|\.tsx?$)/.test(file))
  expect(empty).toEqual([])
})

test('no type is given up and nothing is left undone', () => {
  const given = written.flatMap((file) =>
    text(file)
      .split('\n')
      .map((line, index) => ({ at: `${file}:${index + 1}`, line }))
      .filter(
        ({ line }) => /:\s*any\b|\bas any\b|<any>|@ts-ignore|@ts-expect-error|@ts-nocheck/.test(line) && !file.startsWith('test/house/'),
      )
      .map(({ at }) => at),
  )
  expect(given).toEqual([])
  const undone = written.filter((file) => !file.startsWith('test/house/') && /\b(TODO|FIXME|XXX)\b/.test(text(file)))
  expect(undone).toEqual([])
})

test('no test is skipped, left for later or run alone', () => {
  const marked = files.filter((file) => /\.test\.ts$/.test(file) && /\.\s*(skip|todo|only|skipIf|runIf)\b/.test(text(file)))
  expect(marked.filter((file) => !file.startsWith('test/house/'))).toEqual([])
})

test('a file that grows past 400 lines says why it is one thing', () => {
  const long = written.filter((file) => !file.startsWith('test/') && text(file).split('\n').length > 400)
  expect(long).toEqual([])
})

test('no file names a place of the machine it was written on', () => {
  const places = new RegExp(['/wo' + 'rk/', '/ro' + 'ot/', 'registry\\.npm' + 'js'].join('|'))
  const named = files.filter(
    (file) => /\.(ts|tsx|md|ya?ml|json|sh|toml|txt|sql)$|\/run$/.test(file) && file !== 'package-lock.json' && places.test(text(file)),
  )
  expect(named).toEqual([])
  expect(text('package-lock.json')).not.toContain('"resolved"')
})
