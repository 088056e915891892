import { resolve } from 'node:path'
import { type KeptKey, makeKey, stateOfKey } from '../access/api-key.ts'
import { defaultKeysFile, KeyFile } from '../access/key-file.ts'
import { scopeNames } from '../access/scope.ts'
import { Fault } from '../envelope/fault.ts'
import { nearestName } from '../envelope/nearest-name.ts'
import { servedTools } from '../generated/handlers.ts'
import { type Command, exitCodes, type Invocation, jsonFlag, listOf, projectFlag, textOf, UsageError } from './command.ts'
import { formatTable } from './format-table.ts'
import { readNamedProject } from './locate-project.ts'

const defaultDays = 90
const columns = ['id', 'name', 'state', 'expires', 'scopes'].map((title) => ({ title }))

export const command: Command = {
  usage: 'create NAME | list | revoke ID',
  positionals: [1, 2],
  flags: {
    expires: { value: 'DAYS', about: `Of create: days until it expires, or "never". Default ${defaultDays}.` },
    tool: {
      value: 'TOOL',
      about: 'Of create: a tool that it is for; may be repeated. Default: every tool that only reads.',
      repeats: true,
    },
    write: { about: 'Of create: it is for every tool, also those that write.' },
    project: projectFlag,
    json: jsonFlag,
  },
  details: [
    'create prints a key, once; what is kept of it cannot be used to call. A server that runs takes a new key, and refuses a',
    'revoked one, within a second. Callers send it as "Authorization: Bearer <key>". They are asked for one where',
    'dataface.yml has "access:"; see docs/access.md.',
  ],
  examples: [
    'dft keys create reporting',
    'dft keys create agent --tool execute_query --tool catalog --expires 7',
    'dft keys revoke 4f0q2m8dxk',
  ],
  async run(invocation) {
    const [verb, name, ...more] = invocation.positionals
    const takesName = verb === 'create' || verb === 'revoke'
    if (takesName && name === undefined)
      throw new UsageError(`dft keys ${verb} needs ${verb === 'create' ? 'a NAME' : 'an ID'}.`, `Usage: dft keys ${command.usage}`)
    if ((!takesName && verb !== 'list') || (!takesName && name !== undefined) || more.length > 0)
      throw new UsageError(`dft keys does not take "${invocation.positionals.join(' ')}".`, `Usage: dft keys ${command.usage}`)
    const of = ['expires', 'tool', 'write'].find((flag) => verb !== 'create' && invocation.flags[flag] !== undefined)
    if (of !== undefined) throw new UsageError(`--${of} is of dft keys create.`)
    const { file, unused } = await keysOf(invocation)
    if (verb === 'create') return create(invocation, file, name as string, unused)
    return verb === 'list' ? list(invocation, file) : revoke(invocation, file, name as string)
  },
}

/** The keys of the project that is meant, and why its server does not ask for them. */
const keysOf = async (invocation: Invocation): Promise<{ readonly file: KeyFile; readonly unused: string | undefined }> => {
  const { config, dir } = await readNamedProject(invocation)
  return {
    file: new KeyFile(resolve(dir, config.access?.keys_file ?? defaultKeysFile)),
    unused:
      config.access === undefined
        ? 'The server of this project asks for no keys yet: write "access: {}" into dataface.yml.'
        : config.access.keys === false
          ? 'The server of this project takes no keys: remove "keys: false" below "access" in dataface.yml.'
          : undefined,
  }
}

const create = async (invocation: Invocation, file: KeyFile, name: string, unused: string | undefined): Promise<number> => {
  const { terminal, flags } = invocation
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u.test(name))
    throw new UsageError('A name is of letters, digits, blanks and . _ @ -, at most 100.', 'It says whose key it is: "reporting".')
  const now = new Date()
  const expires_at = expiryOf(textOf(invocation, 'expires'), now)
  const { text, kept } = makeKey({ name, scopes: scopesOf(invocation), ...(expires_at !== undefined && { expires_at }) }, now)
  await file.change((keys) => [...keys, kept])
  if (flags.json === true) terminal.out(`${JSON.stringify({ success: true, key: text, ...shown(kept, now) })}\n`)
  else {
    terminal.out(`${text}\n`)
    terminal.err(`This is the only time that the key "${name}" is shown. It ${expiryText(kept)}. Scope: ${kept.scopes.join(', ')}.\n`)
  }
  if (unused !== undefined) terminal.err(`${unused}\n`)
  return exitCodes.ok
}

const list = async ({ terminal, flags }: Invocation, file: KeyFile): Promise<number> => {
  const now = new Date()
  const keys = (await file.list()).map((key) => shown(key, now))
  if (flags.json === true) terminal.out(`${JSON.stringify({ success: true, keys })}\n`)
  else if (keys.length === 0) terminal.err('No keys. Make one: dft keys create NAME.\n')
  else {
    const rows = keys.map(({ id, name, state, expires_at, scopes }) => [
      id,
      name,
      state,
      expires_at?.slice(0, 10) ?? 'never',
      scopes.join(' '),
    ])
    terminal.out(formatTable(columns, rows, terminal))
  }
  return exitCodes.ok
}

const revoke = async ({ terminal, flags }: Invocation, file: KeyFile, id: string): Promise<number> => {
  const now = new Date()
  const found = (await file.list()).find((key) => key.id === id)
  if (found === undefined) {
    const near = nearestName(
      id,
      (await file.list()).map((key) => key.id),
    )
    const hint = near === undefined ? 'dft keys list shows them.' : `Did you mean "${near}"?`
    throw new Fault('VALIDATION_ERROR', `No key has the id "${id}".`, { hint })
  }
  const revoked: KeptKey = { ...found, revoked_at: found.revoked_at ?? now.toISOString() }
  await file.change((keys) => keys.map((key) => (key.id === id ? revoked : key)))
  if (flags.json === true) terminal.out(`${JSON.stringify({ success: true, ...shown(revoked, now) })}\n`)
  else terminal.out(`The key "${found.name}" is refused from now on.\n`)
  return exitCodes.ok
}

/** A key as it is told: without its hash. */
const shown = ({ hash: _hash, ...key }: KeptKey, now: Date) => ({ ...key, state: stateOfKey({ ...key, hash: _hash }, now) })

const expiryText = ({ expires_at }: KeptKey): string =>
  expires_at === undefined ? 'does not expire' : `expires on ${expires_at.slice(0, 10)}`

const expiryOf = (text: string | undefined, now: Date): string | undefined => {
  if (text === 'never') return undefined
  const days = text === undefined ? defaultDays : /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (days === 0) throw new UsageError('--expires takes a number of days from 1 to 9999, or never.')
  return new Date(now.getTime() + days * 86_400_000).toISOString()
}

const scopesOf = (invocation: Invocation): readonly string[] => {
  const names = listOf(invocation, 'tool')
  const isWriting = invocation.flags.write === true
  if (isWriting && names.length > 0) throw new UsageError('Give --write or --tool, not both.')
  const known = servedTools.map(({ name }) => name)
  for (const name of names) {
    const near = nearestName(name, known)
    if (!known.includes(name))
      throw new UsageError(`No tool is named "${name}".`, near === undefined ? 'dft tools lists them.' : `Did you mean "${near}"?`)
  }
  if (names.length > 0) return names.map((name) => `${scopeNames.tool}${name}`)
  return [isWriting ? scopeNames.write : scopeNames.read]
}
