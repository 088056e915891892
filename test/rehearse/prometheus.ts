import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { stringify } from 'yaml'
import { alertsFile } from '../operations/alert-rules.ts'
import { freePort } from '../support/free-port.ts'
import { root } from '../support/project-files.ts'
import { scaleRules } from './scale-rules.ts'
import { waitUntil } from './wait-until.ts'

export interface Prometheus {
  /** The labels of each alert of this name that fires now. */
  firing(alert: string): Promise<readonly Readonly<Record<string, string>>[]>
  /** How many replicas were read when they were last looked at. */
  countUp(): Promise<number>
  stop(): Promise<void>
}

export interface PrometheusOptions {
  /** An empty place for its files. */
  readonly folder: string
  /** Replicas, as host and port. */
  readonly targets: readonly string[]
  readonly token: string
  /** How many times as fast the time of the rules passes. */
  readonly factor: number
}

/** How often replicas are read, and rules evaluated: as usual, or as the shortest window of scaled rules needs. */
const intervalOf = (factor: number): string => (factor === 1 ? '15s' : '500ms')

/** Starts a Prometheus of Debian's package `prometheus` with the rules that are shipped. */
export const startPrometheus = async ({ folder, targets, token, factor }: PrometheusOptions): Promise<Prometheus> => {
  await mkdir(folder, { recursive: true })
  const rules = await readFile(resolve(root, alertsFile), 'utf8')
  await writeFile(join(folder, 'alerts.yml'), factor === 1 ? rules : scaleRules(rules, factor))
  const interval = intervalOf(factor)
  await writeFile(
    join(folder, 'prometheus.yml'),
    stringify({
      global: { scrape_interval: interval, scrape_timeout: interval, evaluation_interval: interval },
      rule_files: ['alerts.yml'],
      scrape_configs: [{ job_name: 'dataface', authorization: { credentials: token }, static_configs: [{ targets }] }],
    }),
  )
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(
    'prometheus',
    [`--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = (log + text).slice(-10_000)
  })
  const failed = once(child, 'error').then(([error]) => {
    throw (error as NodeJS.ErrnoException).code === 'ENOENT' ? new Error('prometheus is missing: apt-get install prometheus') : error
  })
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  const ask = async <T>(path: string): Promise<T> => ((await (await fetch(url + path)).json()) as { data: T }).data
  await Promise.race([
    failed,
    waitUntil('Prometheus is ready', 120_000, isReady).catch((error: unknown) => {
      throw new Error(`${error}\n${log}`)
    }),
  ])
  return {
    async firing(alert) {
      const { alerts } = await ask<{ alerts: { labels: Record<string, string>; state: string }[] }>('/api/v1/alerts')
      return alerts.filter(({ labels, state }) => labels.alertname === alert && state === 'firing').map(({ labels }) => labels)
    },
    async countUp() {
      const { result } = await ask<{ result: { value: [number, string] }[] }>('/api/v1/query?query=up')
      return result.filter(({ value }) => value[1] === '1').length
    },
    stop: () => endProcess(child),
  }
}

const endProcess = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}
