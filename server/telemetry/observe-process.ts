import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metric } from './metrics.ts'

/** How often the event loop is looked at, milliseconds. */
const lookMs = 20

/** Figures of the process, under the names that other programs give them. */
export class ProcessFigures {
  /** Begun when somebody asks, since it wakes the process. */
  #delay: ReturnType<typeof monitorEventLoopDelay> | undefined

  read(startedAt: Date): readonly Metric[] {
    const { user, system } = process.cpuUsage()
    return [
      single('gauge', 'process_resident_memory_bytes', 'Memory of the process.', process.memoryUsage.rss()),
      single('counter', 'process_cpu_seconds_total', 'Time that the process has computed.', (user + system) / 1e6),
      single('gauge', 'process_start_time_seconds', 'When the server started, since 1970.', startedAt.getTime() / 1000),
      single(
        'gauge',
        'nodejs_eventloop_lag_seconds',
        'By how much 99 of 100 turns of the event loop came late at most, since it was last asked.',
        this.#lag(),
      ),
    ]
  }

  close(): void {
    this.#delay?.disable()
  }

  #lag(): number {
    if (this.#delay === undefined) {
      this.#delay = monitorEventLoopDelay({ resolution: lookMs })
      this.#delay.enable()
      return 0
    }
    const lag = Math.max(0, this.#delay.percentile(99) / 1e9 - lookMs / 1000)
    this.#delay.reset()
    return lag
  }
}

const single = (kind: 'counter' | 'gauge', name: string, help: string, value: number): Metric => ({
  name,
  help,
  kind,
  points: [{ labels: {}, value }],
})
