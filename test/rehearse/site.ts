import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { makeKey } from '../../server/access/api-key.ts'
import { KeyFile } from '../../server/access/key-file.ts'
import { scopeNames } from '../../server/access/scope.ts'
import { freePort } from '../support/free-port.ts'
import { startPostgres, type TestCluster } from '../support/global-postgres.ts'
import { root } from '../support/project-files.ts'
import { Replica } from './replica.ts'

const run = promisify(execFile)

/** What a rehearsal may say of its site. */
export interface SiteOptions {
  /** Default 1. */
  readonly replicas?: number
  /** More of dataface.yml, below its sources. */
  readonly settings?: string
  /** Where calls are recorded. Default: in a file. */
  readonly audit?: 'file' | 'table'
}

/** A place where Dataface is in production: a database, a project in a git repository, installed releases, replicas. */
export interface Site {
  readonly folder: string
  readonly project: string
  readonly token: string
  readonly cluster: TestCluster
  readonly replicas: readonly Replica[]
  /** Of the database's administrator. */
  readonly adminUrl: string
  /** The variables that runbooks take, as far as they are the same for all of them. */
  readonly variables: Readonly<Record<string, string>>
  runSql(sql: string): Promise<void>
  /** A new key for the project. */
  createKey(name: string): Promise<string>
  /** Writes dataface.yml and commits it. */
  changeSettings(change: (text: string) => string): Promise<void>
  /** Installs a release whose files differ from ours, makes it the current one, and restarts these replicas with it. */
  release(patch: (folder: string) => Promise<void>, replicas: readonly Replica[]): Promise<void>
  /** Runs a script as an operator would on a host of a replica, to its end. Throws when a command cannot be run, or lacks a variable. */
  look(script: string, variables: Readonly<Record<string, string>>): Promise<string>
  /** The same; it ends with the first command that fails, and throws what it printed. */
  operate(script: string, variables: Readonly<Record<string, string>>): Promise<string>
  stop(): Promise<void>
}

interface ShellResult {
  /** Of a script that failed. */
  readonly code?: number
  readonly stdout: string
  readonly stderr: string
}

const database = 'shop'
const schema = `
CREATE TABLE orders AS SELECT g AS id, 1 + g % 500 AS customer_id, g % 90 AS amount FROM generate_series(1, 200000) g;
CREATE TABLE customers AS SELECT g AS id, 'Customer ' || g AS name FROM generate_series(1, 500) g;
CREATE ROLE shop_reader LOGIN PASSWORD 'reader-Pa55word';
GRANT SELECT ON orders, customers TO shop_reader;
ANALYZE;`

const audits = { file: '{ file: ../audit/audit.jsonl }', table: `{ url: "{{ env_var('AUDIT_URL') }}" }` } as const

const settingsOf = (more: string, audit: keyof typeof audits): string => `name: sales
access: {}
audit: ${audits[audit]}
sources:
  shop:
    type: postgres
    url: "{{ env_var('SHOP_URL') }}"
${more}`

/** Starts a site with everything as it should be. */
export const startSite = async ({ replicas: count = 1, settings = '', audit = 'file' }: SiteOptions): Promise<Site> => {
  const folder = await mkdtemp(join(tmpdir(), 'dataface-site-'))
  const [project, releases, bin] = ['project', 'releases', 'bin'].map((name) => join(folder, name)) as [string, string, string]
  for (const path of [project, releases, bin, join(folder, 'audit'), join(folder, 'archive')]) await mkdir(path)

  const cluster = await startPostgres()
  const adminUrl = cluster.url.replace(/\/postgres$/, `/${database}`)
  const runSql = async (sql: string, url = adminUrl): Promise<void> => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      await client.query(sql)
    } finally {
      await client.end()
    }
  }
  await runSql(`CREATE DATABASE ${database}`, cluster.url)
  await runSql(schema)
  await runSql(`CREATE ROLE record_writer LOGIN PASSWORD 'writer-Pa55word'`)
  await runSql('CREATE DATABASE records OWNER record_writer')

  const token = 'token-of-the-operator'
  const environment = join(folder, 'environment')
  const readerUrl = `postgres://shop_reader:reader-Pa55word@127.0.0.1:${cluster.port}/${database}`
  const recordsUrl = `postgres://record_writer:writer-Pa55word@127.0.0.1:${cluster.port}/records`
  await writeFile(environment, `SHOP_URL='${readerUrl}'\nAUDIT_URL='${recordsUrl}'\nDATAFACE_OPERATOR_TOKEN='${token}'\n`)
  const readEnvironment = async (): Promise<Record<string, string | undefined>> => ({
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    ...Object.fromEntries([...(await readFile(environment, 'utf8')).matchAll(/^(\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value])),
  })

  const author = { GIT_AUTHOR_NAME: 'Operator', GIT_AUTHOR_EMAIL: 'operator@example.com' }
  const committer = { GIT_COMMITTER_NAME: 'Operator', GIT_COMMITTER_EMAIL: 'operator@example.com' }
  const operatorEnv = { HOME: process.env.HOME, ...author, ...committer, PATH: `${bin}:${process.env.PATH}` }
  const git = (...args: string[]) => run('git', ['-C', project, ...args], { env: operatorEnv })
  const file = join(project, 'dataface.yml')
  await writeFile(file, settingsOf(settings, audit))
  await writeFile(join(project, '.gitignore'), '.dataface\n')
  await git('init', '-q')
  await git('add', '.')
  await git('commit', '-qm', 'The project')

  await symlink(root, join(releases, '1'))
  for (const name of ['dataface', 'dataface-previous']) await symlink(join(releases, '1'), join(releases, name))
  const replicas = await Promise.all(Array.from({ length: count }, async () => new Replica(await freePort())))
  const startReplica = async (replica: Replica): Promise<void> =>
    replica.start(join(releases, 'dataface'), ['--project', project], await readEnvironment())
  const restart = async (some: readonly Replica[]): Promise<void> => {
    for (const replica of some) {
      await replica.stop()
      await startReplica(replica)
    }
  }

  /** What `systemctl` and `journalctl` do here, where no systemd is: programs of these names ask for it. */
  const services: Readonly<Record<string, () => Promise<string>>> = {
    'systemctl status dataface': async () => replicas.map(({ state, url }) => `${url} ${state}\n`).join(''),
    'systemctl status postgresql': async () => '',
    'systemctl restart dataface': async () => restart(replicas).then(() => ''),
    'systemctl restart postgresql': async () => cluster.start().then(() => ''),
    'journalctl -u dataface': async () => replicas.map(({ log }) => log).join(''),
  }
  const control = createServer(async (request, response) => {
    let asked = ''
    for await (const chunk of request) asked += chunk
    const service = Object.entries(services).find(([command]) => asked.startsWith(command))?.[1]
    try {
      if (service === undefined) throw new Error(`nothing here does "${asked}"`)
      response.end(await service())
    } catch (error) {
      response.writeHead(500).end(String(error))
    }
  })
  await new Promise<void>((done) => control.listen(0, '127.0.0.1', done))
  const controlUrl = `http://127.0.0.1:${(control.address() as AddressInfo).port}`
  const program = async (name: string, line: string): Promise<void> => {
    await writeFile(join(bin, name), `#!/bin/sh\n${line}\n`)
    await chmod(join(bin, name), 0o755)
  }
  for (const name of ['systemctl', 'journalctl'])
    await program(name, `exec curl -sS --fail-with-body --data-binary "${name} $*" ${controlUrl}`)
  await program('dft', `exec "${process.execPath}" "${releases}/dataface/server/cli/main.ts" "$@"`)

  const stop = async (): Promise<void> => {
    control.close()
    control.closeAllConnections()
    await Promise.all(replicas.map((replica) => replica.kill()))
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await Promise.all(replicas.map(startReplica))
  } catch (error) {
    await stop()
    throw error
  }

  const shell = (flags: string, script: string, variables: Readonly<Record<string, string>>): Promise<ShellResult> =>
    run('bash', ['--norc', flags, 'pipefail', '-c', script], { cwd: folder, env: { ...operatorEnv, ...variables } })

  return {
    folder,
    project,
    token,
    cluster,
    replicas,
    adminUrl,
    variables: {
      PROJECT: project,
      SERVER: replicas[0]?.url ?? '',
      DATAFACE_OPERATOR_TOKEN: token,
      ENVIRONMENT: environment,
      RELEASES: releases,
      ADMIN_URL: adminUrl,
      SOURCE: 'shop',
    },
    runSql,
    async createKey(name) {
      const { text, kept } = makeKey({ name, scopes: [scopeNames.read] }, new Date())
      await new KeyFile(join(project, '.dataface/keys.json')).change((keys) => [...keys, kept])
      return text
    },
    async changeSettings(change) {
      await writeFile(file, change(await readFile(file, 'utf8')))
      await git('commit', '-qam', 'A change')
    },
    async release(patch, some) {
      const next = join(releases, '2')
      for (const name of ['server', 'contracts', 'codegen', 'clients', 'docs', 'package.json'])
        await cp(join(root, name), join(next, name), { recursive: true })
      await symlink(join(root, 'node_modules'), join(next, 'node_modules'))
      await patch(next)
      await run('ln', ['-sfn', next, join(releases, 'dataface')])
      await restart(some)
    },
    async look(script, variables) {
      const { code = 0, stdout, stderr } = await shell('-uo', script, variables).catch((error: unknown) => error as ShellResult)
      if (code > 125 || stderr.includes('unbound variable')) throw new Error(`${script}${stderr}`)
      return stdout + stderr
    },
    async operate(script, variables) {
      const { stdout, stderr } = await shell('-euo', script, variables)
      return stdout + stderr
    },
    stop,
  }
}
