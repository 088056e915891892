import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Contract } from '../contracts/define-contract.ts'
import { checkProject, type FileAccess, type Problem } from './check.ts'
import { breaksRelease, compareModels } from './compat/compare-models.ts'
import { type ReleasedModel, releasedModel } from './compat/released-model.ts'
import { emitContractCatalog } from './emitters/handlers.ts'
import { generatedFolders, generateFiles, type Runtime } from './generate.ts'
import type { GeneratedFile } from './generated-file.ts'
import { ContractFindings, type Model } from './model.ts'

/** The only file of codegen that touches the disk. */
const root = resolve(import.meta.dirname, '..')
const releasedPath = 'contracts/released/v1.json'

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
  const namesIn = (folder: string) => access.list(folder).map((path) => path.replace(`${folder}/`, '').replace(/\.ts$/, ''))
  return emitContractCatalog(namesIn('contracts/v1/tools'), namesIn('contracts/v1/host-tools'))
}

const compile = async (): Promise<{ model: Model; files: GeneratedFile[] }> => {
  const { contracts, hostContracts } = (await import(pathToFileURL(join(root, 'contracts/catalog.ts')).href)) as Record<
    'contracts' | 'hostContracts',
    readonly Contract[]
  >
  const { version } = JSON.parse(access.read('package.json') ?? '{}') as { version: string }
  const { model, files } = generateFiles([...contracts, ...hostContracts], version, readRuntime())
  return { model, files: [contractCatalog(), ...files] }
}

const readRuntime = (): Runtime => ({
  python: Object.fromEntries(access.list('codegen/runtime/python').map((path) => [basename(path), access.read(path) ?? ''])),
})

const readReleased = (): ReleasedModel | undefined => {
  const text = access.read(releasedPath)
  return text === undefined ? undefined : (JSON.parse(text) as ReleasedModel)
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
  const { model, files } = await compile()
  const { problems, findings } = checkProject({ model, files: files.slice(1), folders: generatedFolders, released: readReleased() }, access)
  const all = [...early, ...problems]
  if (json) console.log(JSON.stringify({ problems: all, findings }, null, 2))
  else {
    for (const { kind, message } of all) console.error(`${kind}: ${message}`)
    for (const finding of findings)
      if (finding.level !== 'breaking')
        console.log(`${finding.level}: ${finding.tool} ${finding.field} [${finding.rule}] ${finding.message}`)
    console.log(
      all.length === 0 ? `${model.tools.length} contracts, ${files.length} generated files: all in step` : `${all.length} problems`,
    )
  }
  return all.length === 0 ? 0 : 1
}

/**
 * Freezes the contracts as they are now. What breaks a caller is refused unless the tool has a new major version; with
 * `force` always taken, for as long as nothing was promised to anyone.
 */
const release = async (force: boolean): Promise<number> => {
  const { model } = await compile()
  const [before, after] = [readReleased(), releasedModel(model)]
  const refused =
    before === undefined || force ? [] : compareModels(before, after).filter((finding) => breaksRelease(finding, before, after))
  if (refused.length > 0) {
    for (const { tool, field, rule, message } of refused) console.error(`${tool} ${field} [${rule}] ${message}`)
    console.error(`${refused.length} changes break what was released; nothing was written`)
    return 1
  }
  const isWritten = write({ path: releasedPath, content: `${JSON.stringify(after, null, 2)}\n` })
  console.log(`${isWritten ? 'wrote' : 'kept'} ${releasedPath}: ${after.tools.map((tool) => `${tool.name}@${tool.version}`).join(', ')}`)
  return 0
}

const usage = `usage: codegen/cli.ts generate | check [--json] | release [--force]`

const main = async ([command, ...flags]: readonly string[]): Promise<number> => {
  const known: Record<string, readonly string[]> = { generate: [], check: ['--json'], release: ['--force'] }
  const allowed = command === undefined ? undefined : known[command]
  if (allowed === undefined || flags.some((flag) => !allowed.includes(flag))) {
    console.error(usage)
    return 2
  }
  try {
    if (command === 'generate') return await generate()
    return command === 'check' ? await check(flags.includes('--json')) : await release(flags.includes('--force'))
  } catch (error) {
    if (!(error instanceof ContractFindings)) throw error
    for (const { tool, field, message } of error.findings) console.error(`${tool} ${field}: ${message}`)
    console.error(`${error.findings.length} findings; nothing was written`)
    return 1
  }
}

process.exitCode = await main(process.argv.slice(2))
