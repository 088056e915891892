import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Contract, Transform } from '../contracts/define-contract.ts'
import { checkProject, type FileAccess, type Problem } from './check.ts'
import type { Finding } from './compat/finding.ts'
import { findingLine } from './compat/print-findings.ts'
import type { ReleasedModel } from './compat/released-model.ts'
import { compileRuntime } from './compile-runtime.ts'
import { emitContractChanges } from './emitters/contract-changes.ts'
import { emitContractCatalog } from './emitters/handlers.ts'
import { generatedFolders, generateFiles, type Runtime } from './generate.ts'
import type { GeneratedFile } from './generated-file.ts'
import { acknowledge, findingsSince, firstLock, type Lock, lockAfter, lockFiles, needsLine, nextRelease, readLock } from './lock.ts'
import { ContractFindings, type Model } from './model.ts'

/** The only file of codegen that touches the disk. */
const root = resolve(import.meta.dirname, '..')

const access: FileAccess = {
  read: (path) => (existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : undefined),
  list: (folder) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
          .filter((entry) => entry.isFile())
          .map((entry) => relative(root, join(entry.parentPath, entry.name)))
          .sort()
      : [],
}

const contractCatalog = (): GeneratedFile => {
  const found = access.list('contracts').flatMap((path) => {
    const [, major, folder = '', file = ''] = /^contracts\/v(\d+)\/([\w-]+)\/([\w-]+)\.ts$/.exec(path) ?? []
    return major === undefined ? [] : [{ major: Number(major), folder, file }]
  })
  const filesIn = (wanted: string) => found.filter(({ folder }) => folder === wanted).map(({ major, file }) => ({ major, file }))
  return emitContractCatalog({
    tools: filesIn('tools'),
    hostTools: filesIn('host-tools'),
    transforms: found.flatMap(({ major, folder, file }) => {
      const from = /^from-v(\d+)$/.exec(folder)?.[1]
      return from === undefined ? [] : [{ major, file, from: Number(from) }]
    }),
  })
}

interface Compiled {
  readonly model: Model
  readonly files: readonly GeneratedFile[]
  readonly next: ReleasedModel
  readonly lock: Lock | undefined
  /** What has changed since the last release. */
  readonly findings: readonly Finding[]
}

/** Contracts that the catalog lists and that are not there any more. */
const goneContracts = (): Problem[] =>
  [...(access.read('contracts/catalog.ts') ?? '').matchAll(/ from '\.\/(v\d+\/[^']+)'/g)]
    .map(([, path]) => `contracts/${path}`)
    .filter((path) => access.read(path) === undefined)
    .map((path) => ({
      kind: 'missing',
      message: `contracts/catalog.ts lists ${path}, which is not there; bring it back, or withdraw the tool and run npm run generate`,
    }))

const compile = async (): Promise<Compiled> => {
  const { contracts, hostContracts, transforms } = (await import(pathToFileURL(join(root, 'contracts/catalog.ts')).href)) as Record<
    'contracts' | 'hostContracts',
    readonly Contract[]
  > & { readonly transforms: readonly Transform[] }
  const { version } = JSON.parse(access.read('package.json') ?? '{}') as { version: string }
  const { model, files } = generateFiles([...contracts, ...hostContracts], version, readRuntime(), transforms)
  const lock = readLock(access.read)
  const next = nextRelease(model, files, version, lock)
  const findings = lock === undefined ? [] : findingsSince(lock, next, { today: new Date().toISOString().slice(0, 10) })
  return { model, next, lock, findings, files: [contractCatalog(), ...files, ...changesPage(lock, next)] }
}

/** The page tells no day apart, so that it stays what it is until a contract changes. */
const changesPage = (lock: Lock | undefined, next: ReleasedModel): GeneratedFile[] =>
  lock === undefined ? [] : [emitContractChanges(lock, findingsSince(lock, next, { today: '' }))]

const readRuntime = (): Runtime => {
  const modulesOf = (client: string): Record<string, string> =>
    Object.fromEntries(access.list(`codegen/runtime/${client}`).map((path) => [basename(path), access.read(path) ?? '']))
  return { python: modulesOf('python'), typescript: compileRuntime(modulesOf('typescript')) }
}

const write = ({ path, content }: GeneratedFile): boolean => {
  if (access.read(path) === content) return false
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
  return true
}

const generate = async (): Promise<number> => {
  write(contractCatalog())
  const { files } = await compile()
  const written = files.filter(write)
  const expected = new Set(files.map((file) => file.path))
  const removed = generatedFolders.flatMap((folder) => access.list(folder)).filter((path) => !expected.has(path))
  for (const path of removed) rmSync(join(root, path))
  for (const { path } of written) console.log(`wrote   ${path}`)
  for (const path of removed) console.log(`removed ${path}`)
  console.log(`${files.length} files, ${written.length} changed, ${removed.length} removed`)
  return 0
}

const check = async (json: boolean): Promise<number> => {
  const catalog = contractCatalog()
  const early: Problem[] =
    access.read(catalog.path) === catalog.content
      ? []
      : [{ kind: 'stale', message: `${catalog.path} does not list the contracts there are; run npm run generate` }]
  const { model, files, lock, findings } = await compile()
  const all = [...early, ...checkProject({ model, files: files.slice(1), folders: generatedFolders, lock, findings }, access)]
  if (json) console.log(JSON.stringify({ problems: all, findings }, null, 2))
  else {
    for (const { kind, message } of all) console.error(`${kind}: ${message}`)
    for (const finding of findings)
      if (finding.level === 'safe' || lock?.acknowledged.some(({ fingerprint }) => fingerprint === finding.fingerprint))
        console.log(`${finding.level}: ${findingLine(finding)}`)
    console.log(
      all.length === 0 ? `${model.tools.length} contracts, ${files.length} generated files: all in step` : `${all.length} problems`,
    )
  }
  return all.length === 0 ? 0 : 1
}

/**
 * Freezes the contracts as they are now. What breaks a caller is refused, and so is what asks for a line in the lock and
 * has none; with `force` always taken, and the past forgotten, for as long as nothing was promised to anyone.
 */
const release = async (force: boolean): Promise<number> => {
  const { next, lock, findings } = await compile()
  const acknowledged = new Set(lock?.acknowledged.map(({ fingerprint }) => fingerprint))
  const refused = findings.filter(
    (finding) => finding.level === 'breaking' || (needsLine(finding) && !acknowledged.has(finding.fingerprint)),
  )
  if (refused.length > 0 && !force) {
    for (const finding of refused) console.error(`${finding.level}: ${findingLine(finding)}`)
    console.error(`${refused.length} changes need a new version, or a line in the lock; nothing was written`)
    return 1
  }
  const after = lock === undefined || force ? firstLock(next) : lockAfter(lock, next, findings)
  const written = [...lockFiles(after), ...changesPage(after, next)].filter(write)
  for (const { path } of written) console.log(`wrote ${path}`)
  console.log(`released ${next.tools.map((tool) => `${tool.name}@${tool.version}`).join(', ')}`)
  return 0
}

/** Writes the line in the lock for one change, by its fingerprint, or for all that need one. */
const acknowledgeChange = async (which: string, reason: string): Promise<number> => {
  const { lock, findings } = await compile()
  const chosen = findings.filter((finding) => needsLine(finding) && (which === 'all' || finding.fingerprint === which))
  if (lock === undefined || chosen.length === 0) {
    console.error(`no change that needs a line has the fingerprint ${which}`)
    return 1
  }
  for (const file of lockFiles(acknowledge(lock, chosen, reason))) write(file)
  for (const finding of chosen) console.log(`acknowledged ${findingLine(finding)}`)
  return 0
}

const usage = `usage: codegen/cli.ts generate | check [--json] | release [--force] | acknowledge FINGERPRINT|all REASON`

const main = async ([command, ...given]: readonly string[]): Promise<number> => {
  const known: Record<string, readonly string[]> = { generate: [], check: ['--json'], release: ['--force'] }
  const [which, reason, ...more] = given
  const isAcknowledging = command === 'acknowledge' && which !== undefined && reason !== undefined && more.length === 0
  const allowed = command === undefined ? undefined : known[command]
  if (!isAcknowledging && (allowed === undefined || given.some((flag) => !allowed.includes(flag)))) {
    console.error(usage)
    return 2
  }
  const gone = command === 'generate' ? [] : goneContracts()
  if (gone.length > 0) {
    if (given.includes('--json')) console.log(JSON.stringify({ problems: gone, findings: [] }, null, 2))
    else for (const { kind, message } of gone) console.error(`${kind}: ${message}`)
    return 1
  }
  try {
    if (isAcknowledging) return await acknowledgeChange(which, reason)
    if (command === 'generate') return await generate()
    return command === 'check' ? await check(given.includes('--json')) : await release(given.includes('--force'))
  } catch (error) {
    if (!(error instanceof ContractFindings)) throw error
    for (const { tool, field, message } of error.findings) console.error(`${tool} ${field}: ${message}`)
    console.error(`${error.findings.length} findings; nothing was written`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
