import { isUtf8 } from 'node:buffer'
import { existsSync } from 'node:fs'
import { mkdir, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { Fault } from '../envelope/fault.ts'
import { type Command, exitCodes, type Invocation, jsonFlag, projectFlag, textOf, UsageError } from './command.ts'
import { formatTable } from './format-table.ts'
import { locateProject } from './locate-project.ts'
import { type McpClient, type McpClientName, type McpServer, mcpClients } from './mcp-clients.ts'
import { mergeSettings, notUnderstood } from './merge-settings.ts'

const clientNames = Object.keys(mcpClients) as McpClientName[]

export const command: Command = {
  usage: 'mcp [CLIENT]',
  positionals: [1, 2],
  flags: {
    name: { value: 'NAME', about: 'Name of the server in the settings. Default: dataface.' },
    url: { value: 'URL', about: 'Connect to a server that runs, as http://127.0.0.1:4321/mcp, instead of starting one.' },
    print: { about: 'Print the settings; write nothing.' },
    project: projectFlag,
    json: jsonFlag,
  },
  details: [
    'Adds the server to the settings of a client, in this folder or in those of the person. What is there stays as it is',
    'written; another server of the same name, or a file that is not understood, is refused. Without CLIENT it lists them.',
    `Clients: ${clientNames.join(', ')}.`,
  ],
  examples: ['dft init mcp', 'dft init mcp vscode', 'dft init mcp claude-desktop --project analytics', 'dft init mcp codex --print'],
  async run(invocation) {
    const [what, which] = invocation.positionals
    if (what !== 'mcp') throw new UsageError(`dft init does not take "${what}".`, 'Usage: dft init mcp [CLIENT]')
    if (which === undefined) return listClients(invocation)
    if (!Object.hasOwn(mcpClients, which)) throw new UsageError(`"${which}" is no known client.`, `Clients: ${clientNames.join(', ')}.`)
    return initClient(invocation, which as McpClientName)
  },
}

const listClients = ({ terminal, flags, env }: Invocation): number => {
  const rows = clientNames.map((name) => ({
    client: name,
    title: mcpClients[name].title,
    settings: (mcpClients[name] as McpClient).place(env),
  }))
  if (flags.json === true) terminal.out(`${JSON.stringify({ success: true, clients: rows })}\n`)
  else
    terminal.out(
      formatTable(
        [{ title: 'client' }, { title: 'is' }, { title: 'settings' }],
        rows.map(({ client, title, settings }) => [client, title, settings]),
        terminal,
      ),
    )
  return exitCodes.ok
}

const initClient = async (invocation: Invocation, which: McpClientName): Promise<number> => {
  const { terminal, flags, env } = invocation
  const client: McpClient = mcpClients[which]
  const name = textOf(invocation, 'name') ?? 'dataface'
  if (!/^[A-Za-z][\w-]{0,40}$/.test(name)) throw new UsageError(`--name takes letters, digits, - and _, not "${name}".`)
  const entry = client.entry(serverOf(invocation, client))
  if (entry === undefined)
    throw new UsageError(
      `${client.title} starts its servers itself.`,
      'Leave --url out, or add the address as a connector in its settings.',
    )
  const addition = { section: client.section, name, entry }
  const place = client.scope === 'folder' ? resolve(client.place(env)) : client.place(env)

  if (flags.print === true || client.scope === 'page') {
    const settings = (await mergeSettings('', client.format, addition)) ?? ''
    if (flags.json === true)
      terminal.out(`${JSON.stringify({ success: true, client: which, settings: place, name, entry, changed: false })}\n`)
    else {
      terminal.out(settings)
      terminal.err(`For ${place}.\n${client.next}\n`)
    }
    return exitCodes.ok
  }
  const changed = await addTo(place, client, addition)
  if (flags.json === true) terminal.out(`${JSON.stringify({ success: true, client: which, settings: place, name, entry, changed })}\n`)
  else {
    terminal.out(changed ? `Added "${name}" to ${place}\n` : `"${name}" is in ${place} already\n`)
    if (changed) terminal.err(`${client.next}\n`)
  }
  return exitCodes.ok
}

/** Whether the file was changed. Throws a `Fault` that leaves it as it is. */
const addTo = async (place: string, { format }: McpClient, addition: Parameters<typeof mergeSettings>[2]): Promise<boolean> => {
  try {
    const file = await realpath(place).catch(() => place)
    const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return new Uint8Array()
      throw error
    })
    // What is no UTF-8 would be written back as something else.
    if (!isUtf8(bytes)) throw notUnderstood('they are not written in UTF-8')
    const before = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
    const after = await mergeSettings(before, format, addition)
    if (after === undefined) return false
    await mkdir(dirname(file), { recursive: true })
    // Whole or not at all, with the rights that the file had: such settings may hold secrets of other servers.
    const mode = (await stat(file).catch(() => undefined))?.mode
    const written = join(dirname(file), `.${basename(file)}.${process.pid}.part`)
    await writeFile(written, after, { flag: 'wx', ...(mode !== undefined && { mode: mode & 0o777 }) })
    await rename(written, file).catch(async (error: unknown) => {
      await rm(written, { force: true })
      throw error
    })
    return true
  } catch (error) {
    if (!(error instanceof Fault)) throw new UsageError(`${place} cannot be written: ${(error as Error).message}`)
    throw new Fault(error.code, `${place}: ${error.message}`, error.details)
  }
}

/** How the client reaches this server. Throws `UsageError` or `ProjectError`. */
const serverOf = (invocation: Invocation, { scope, folderVariable }: McpClient): McpServer => {
  const url = textOf(invocation, 'url')
  if (url !== undefined) {
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new UsageError(`"${url}" is no address of a server.`, 'Give the one that dft serve prints: http://127.0.0.1:4321/mcp.')
    return { url }
  }
  const project = locateProject(invocation)
  const folder = folderVariable === undefined ? project : fromHere(project, folderVariable)
  const [command, ...args] = startCommand(scope)
  return { command, args: [...args, 'mcp', '--project', folder] }
}

/** A folder below this one, written from `here`; any other as it is. */
const fromHere = (folder: string, here: string): string => {
  const current = process.cwd()
  if (folder === current) return here
  return folder.startsWith(join(current, '/')) ? `${here}/${folder.slice(current.length + 1).replaceAll('\\', '/')}` : folder
}

/** How this program is started: from its clone, or as the package that is installed where the client runs, or here. */
const startCommand = (scope: McpClient['scope']): [string, ...string[]] => {
  if (scope === 'page') return ['npx', 'dft']
  const here = import.meta.dirname
  const clone = resolve(here, '../..')
  if (basename(here) === 'cli' && existsSync(join(clone, 'server/cli/main.ts'))) return ['npm', '--prefix', clone, 'run', '-s', 'dft', '--']
  const isOfThisFolder = existsSync(resolve('node_modules/dataface/dist/main.js'))
  return scope === 'folder' && isOfThisFolder ? ['npx', 'dft'] : ['node', join(here, 'main.js')]
}
