/** What tells the series of a metric apart. Values come from configuration and contracts, never from a caller. */
export type Labels = Readonly<Record<string, string>>

/** A value of a counter or gauge. */
export interface Point {
  readonly labels: Labels
  readonly value: number
}

/** Values of a histogram. */
export interface HistogramPoint {
  readonly labels: Labels
  /** How many values were at most each bound and above the one before it; the last, how many were above all. */
  readonly counts: readonly number[]
  readonly sum: number
}

interface Described {
  /** As Prometheus has it, `_total` of counters included. */
  readonly name: string
  /** One sentence. */
  readonly help: string
}

/** A metric as it was at one moment. */
export type Metric =
  | (Described & { readonly kind: 'counter' | 'gauge'; readonly points: readonly Point[] })
  | (Described & { readonly kind: 'histogram'; readonly bounds: readonly number[]; readonly points: readonly HistogramPoint[] })

/** Values of labels, in the order of their names. */
type Values<Names extends readonly string[]> = { readonly [Index in keyof Names]: string }

type Branch<Point> = Map<string, Branch<Point> | Point>

/** Points by the values of their labels, found without making a key of them, which would cost more than to count. */
class Series<Point> {
  readonly #root: Branch<Point> = new Map()
  /** In the order in which they came. */
  readonly all: Point[] = []

  find(values: readonly string[], make: () => Point): Point {
    let branch = this.#root
    const last = values.length - 1
    for (let index = 0; index < last; index++) {
      const value = values[index] as string
      let next = branch.get(value) as Branch<Point> | undefined
      if (next === undefined) {
        next = new Map()
        branch.set(value, next)
      }
      branch = next
    }
    const value = values[last] ?? ''
    let point = branch.get(value) as Point | undefined
    if (point === undefined) {
      point = make()
      branch.set(value, point)
      this.all.push(point)
    }
    return point
  }
}

/** Something counted, by labels. To add to it costs a look into a map. */
export class Counter<const Names extends readonly string[]> {
  readonly #described: Described
  readonly #names: Names
  readonly #points = new Series<{ labels: Labels; value: number }>()

  constructor(name: string, help: string, names: Names) {
    this.#described = { name, help }
    this.#names = names
  }

  add(value: number, ...values: Values<Names>): void {
    this.#points.find(values, () => ({ labels: labelsOf(this.#names, values), value: 0 })).value += value
  }

  read(): Metric & { readonly kind: 'counter' } {
    return { ...this.#described, kind: 'counter', points: [...this.#points.all] }
  }
}

/** How often values of each size came, by labels. */
export class Histogram<const Names extends readonly string[]> {
  readonly #described: Described
  readonly #names: Names
  readonly #bounds: readonly number[]
  readonly #points = new Series<{ labels: Labels; counts: number[]; sum: number }>()

  /** `bounds` ascend. */
  constructor(name: string, help: string, bounds: readonly number[], names: Names) {
    this.#described = { name, help }
    this.#bounds = bounds
    this.#names = names
  }

  record(value: number, ...values: Values<Names>): void {
    const point = this.#points.find(values, () => ({
      labels: labelsOf(this.#names, values),
      counts: this.#bounds.map(() => 0).concat(0),
      sum: 0,
    }))
    countIn(point.counts, value, this.#bounds)
    point.sum += value
  }

  read(): Metric & { readonly kind: 'histogram' } {
    return { ...this.#described, kind: 'histogram', bounds: this.#bounds, points: [...this.#points.all] }
  }
}

/** Counts a value by its size; `counts` has one more than `bounds`, for what is above all. */
export const countIn = (counts: number[], value: number, bounds: readonly number[]): void => {
  let index = 0
  while (index < bounds.length && value > (bounds[index] as number)) index++
  counts[index] = (counts[index] ?? 0) + 1
}

const labelsOf = (names: readonly string[], values: readonly string[]): Labels =>
  Object.fromEntries(names.map((name, index) => [name, values[index] as string]))
