/** A series of a scrape: its labels, and its value. */
export interface Series {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** What Prometheus would read of a server. */
export const readMetrics = async (url: string, headers: Record<string, string> = {}): Promise<readonly Series[]> => {
  const response = await fetch(`${url}/metrics`, { headers })
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  return parseMetrics(await response.text())
}

export const parseMetrics = (text: string): readonly Series[] =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
    if (name === undefined) return []
    return [
      {
        name,
        labels: Object.fromEntries([...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text])),
        value: Number(value),
      },
    ]
  })

/** The sum of a metric over the series with these labels. */
export const sumOf = (series: readonly Series[], name: string, labels: Readonly<Record<string, string>> = {}): number =>
  series
    .filter((one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value))
    .reduce((sum, { value }) => sum + value, 0)
