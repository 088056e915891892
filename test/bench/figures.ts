/** What one target did under one load, over all rounds. */
export interface Figure {
  readonly target: string
  readonly load: string
  /** Calls per second. */
  readonly rate: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly bytesPerCall?: number
  /** CPU time of the server process per call, microseconds. */
  readonly cpuUs?: number
}

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? (sorted[middle] as number) : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** The median of each figure over rounds of the same target and load. */
export const medianFigure = (rounds: readonly Figure[]): Figure => {
  const [first] = rounds as [Figure]
  const of = (pick: (figure: Figure) => number | undefined) => median(rounds.map((figure) => pick(figure) ?? Number.NaN))
  return {
    target: first.target,
    load: first.load,
    rate: of((f) => f.rate),
    p50Ms: of((f) => f.p50Ms),
    p99Ms: of((f) => f.p99Ms),
    ...(first.bytesPerCall !== undefined && { bytesPerCall: of((f) => f.bytesPerCall) }),
    ...(first.cpuUs !== undefined && { cpuUs: of((f) => f.cpuUs) }),
  }
}

const number = (value: number | undefined, digits: number): string =>
  value === undefined || Number.isNaN(value) ? '' : value.toFixed(digits)

/** A markdown table of figures. */
export const printFigures = (title: string, figures: readonly Figure[]): string =>
  [
    `## ${title}`,
    '| target | load | calls/s | p50 ms | p99 ms | server CPU us/call | bytes |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...figures.map(
      (f) =>
        `| ${f.target} | ${f.load} | ${number(f.rate, 0)} | ${number(f.p50Ms, 3)} | ${number(f.p99Ms, 2)} | ${number(f.cpuUs, 0)} | ${number(f.bytesPerCall, 0)} |`,
    ),
    '',
  ].join('\n')

/** An aim as a ratio of two figures of the same run. */
export interface Aim {
  readonly what: string
  readonly value: number
  readonly aim: string
  readonly met: boolean
}

export const aimAtLeast = (what: string, value: number, aim: number): Aim => ({ what, value, aim: `>= ${aim}`, met: value >= aim })
export const aimAtMost = (what: string, value: number, aim: number): Aim => ({ what, value, aim: `<= ${aim}`, met: value <= aim })

export const printAims = (aims: readonly Aim[]): string =>
  [
    '## Aims',
    '| what | measured | aim | met |',
    '| --- | ---: | --- | --- |',
    ...aims.map((a) => `| ${a.what} | ${number(a.value, 2)} | ${a.aim} | ${a.met ? 'yes' : 'NO'} |`),
    '',
  ].join('\n')
