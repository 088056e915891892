import { checkProject } from '../../codegen/check.ts'
import { generatedFolders, generateFiles } from '../../codegen/generate.ts'
import { findingsSince, firstLock, nextRelease } from '../../codegen/lock.ts'
import { contracts } from '../../contracts/catalog.ts'
import type { Contract } from '../../contracts/define-contract.ts'
import { clientRuntime } from '../support/project-files.ts'
import { type Aim, aimAtMost } from './figures.ts'

/** As many contracts as asked, each like one of ours under another name. */
const manyContracts = (count: number): Contract[] => {
  const given: readonly Contract[] = contracts
  return Array.from({ length: count }, (_, index) => {
    const model = given[index % given.length] as Contract
    return { ...model, name: `${model.name.slice(0, 30)}_${index}`, aliases: [] }
  })
}

interface Times {
  readonly generateMs: number
  readonly checkMs: number
}

/** Generating all files of so many tools, and checking them when every second tool has changed. */
const measure = (count: number): Times => {
  const before = manyContracts(count)
  const lock = firstLock(releaseOf(before).next)
  const after = before.map((contract, index) =>
    index % 2 === 0 ? contract : { ...contract, description: `${contract.description} More.`, input: contract.input.partial() },
  )
  const start = performance.now()
  const { model, files, next } = releaseOf(after)
  const generated = performance.now()
  const findings = findingsSince(lock, next, { today: '2026-01-01' })
  checkProject({ model, files, folders: generatedFolders, lock, findings }, { read: () => undefined, list: () => [] })
  return { generateMs: generated - start, checkMs: performance.now() - start }
}

const best = (times: readonly Times[]): Times => ({
  generateMs: Math.min(...times.map(({ generateMs }) => generateMs)),
  checkMs: Math.min(...times.map(({ checkMs }) => checkMs)),
})

const releaseOf = (given: readonly Contract[]) => {
  const { model, files } = generateFiles(given, '0.0.0', clientRuntime())
  return { model, files, next: nextRelease(model, files, '0.0.0', undefined) }
}

/** How long contracts take to generate and to check, and whether that grows with their number alone. */
export const measureContracts = (): { report: string; aims: Aim[] } => {
  measure(15)
  const sizes = [15, 125, 250, 500] as const
  const times = new Map(sizes.map((size) => [size, best(Array.from({ length: 3 }, () => measure(size)))]))
  const of = (size: (typeof sizes)[number]): Times => times.get(size) as Times
  const rows = [...times].map(([size, { generateMs, checkMs }]) => `| ${size} | ${generateMs.toFixed(0)} | ${checkMs.toFixed(0)} |`)
  return {
    report: ['## Contracts, ms', '', '| tools | generate | generate and check |', '| ---: | ---: | ---: |', ...rows, ''].join('\n'),
    aims: [
      aimAtMost('generating 15 tools, ms', of(15).generateMs, 1000),
      aimAtMost('generating 500 tools, ms', of(500).generateMs, 8000),
      aimAtMost('generating and checking 15 tools, ms', of(15).checkMs, 1000),
      aimAtMost('generating and checking 500 tools, ms', of(500).checkMs, 8000),
      aimAtMost('generating 500 tools / 250 tools', of(500).generateMs / of(250).generateMs, 2.6),
      aimAtMost('generating and checking 500 tools / 250 tools', of(500).checkMs / of(250).checkMs, 2.6),
    ],
  }
}
