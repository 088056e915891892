import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { stateOfKey } from '../access/api-key.ts'
import { defaultKeysFile, KeyFile } from '../access/key-file.ts'
import { defaultAuditFile } from '../audit/audit.ts'
import { Fault } from '../envelope/fault.ts'
import type { Diagnostic } from '../projects/diagnostic.ts'
import type { Environment, ReadProject } from '../projects/read-project.ts'
import { checkServerVariables, findUnknownVariables } from './server-variables.ts'

/** The variables of the server itself; those that a project names are the project's. */
export const examineVariables = (projects: readonly ReadProject[], env: Environment): readonly Diagnostic[] => [
  ...checkServerVariables(env),
  ...findUnknownVariables(env, new Set(projects.flatMap(({ variables }) => variables.map(({ name }) => name)))),
]

/**
 * What a server of a project would need beside what its files say: the keys of its callers, a place for the record of
 * calls. No database and no other machine is asked.
 */
export const examineSettings = async (read: ReadProject): Promise<readonly Diagnostic[]> => [
  ...(await examineKeys(read)),
  ...(await examineAudit(read)),
]

const examineKeys = async ({ config, dir, diagnose }: ReadProject): Promise<readonly Diagnostic[]> => {
  const settings = config?.access
  if (settings === undefined || settings.keys === false || diagnose === undefined) return []
  const at = settings.keys_file === undefined ? ['access'] : ['access', 'keys_file']
  try {
    const keys = await new KeyFile(resolve(dir, settings.keys_file ?? defaultKeysFile)).list()
    const now = new Date()
    if (settings.oauth !== undefined || settings.local === true || keys.some((key) => stateOfKey(key, now) === 'active')) return []
    const message =
      keys.length === 0 ? 'There is no API key, so nobody can call.' : 'Every API key is revoked or expired, so nobody can call.'
    return [diagnose(at, 'warning', 'NO_KEYS', message, 'Make one: dft keys create NAME.')]
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return [diagnose(at, 'error', 'KEYS_UNREADABLE', error.message, error.details.operatorHint)]
  }
}

const examineAudit = async ({ config, dir, diagnose }: ReadProject): Promise<readonly Diagnostic[]> => {
  // A database is asked by `dft doctor`.
  if (config?.audit === undefined || config.audit.url !== undefined || diagnose === undefined) return []
  const { file = defaultAuditFile, required = true } = config.audit
  const why = await whyUnwritable(resolve(dir, file))
  if (why === undefined) return []
  const message = `The record of calls cannot be written: ${why}.${required ? ' No call would be answered.' : ''}`
  const at = config.audit.file === undefined ? ['audit'] : ['audit', 'file']
  return [
    diagnose(at, 'error', 'AUDIT_UNWRITABLE', message, 'Name another place with audit.file, or let the user of the server write there.'),
  ]
}

/** Why a file cannot be appended to, or made with its folders; nothing is made. */
const whyUnwritable = async (path: string): Promise<string | undefined> => {
  for (let place = path; ; place = dirname(place)) {
    const found = await stat(place).catch((error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? undefined : error))
    if (found === undefined && place !== dirname(place)) continue
    if (found === undefined || found instanceof Error) return 'its place cannot be looked at'
    if (found.isDirectory() === (place === path)) return place === path ? 'its path is a folder' : 'a part of its path is a file'
    return access(place, constants.W_OK).then(
      () => undefined,
      () => (place === path ? 'the file may not be written' : 'its folder may not be written'),
    )
  }
}
