import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { projectFiles, root } from '../support/project-files.ts'

const pages = projectFiles().filter((file) => file.endsWith('.md'))

test('every relative link leads to a file', () => {
  const broken = pages.flatMap((page) =>
    [...readFileSync(resolve(root, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
      .map((match) => match[1] as string)
      .filter((target) => !existsSync(resolve(root, dirname(page), target)))
      .map((target) => `${page}: ${target}`),
  )
  expect(broken).toEqual([])
})

test('the README stays under 120 lines and begins with the two commands', () => {
  const lines = readFileSync(resolve(root, 'README.md'), 'utf8').split('\n')
  expect(lines.length).toBeLessThan(120)
  const commands = lines.filter((line) => line.startsWith('npm ci'))
  expect(commands.map((line) => line.split('#')[0]?.trim())).toEqual(['npm ci && npm start', 'npm ci && npm test'])
})

test('every file that the security page names as a test is there', () => {
  const named = [...readFileSync(resolve(root, 'docs/security.md'), 'utf8').matchAll(/test\/[\w./-]+/g)].map((match) => match[0])
  expect(named.filter((path) => !existsSync(resolve(root, path)))).toEqual([])
})
