/** A call of ref(): the model, its package and its version where they are written. */
export interface Ref {
  readonly name: string
  readonly package?: string
  readonly version?: string
}

const quoted = `(?:'([^'\\n]*)'|"([^"\\n]*)")`
const refCall = new RegExp(
  `\\bref\\(\\s*${quoted}(?:\\s*,\\s*${quoted})?(?:\\s*,\\s*v(?:ersion)?\\s*=\\s*['"]?([\\w.-]+)['"]?)?\\s*\\)`,
  'g',
)
const sourceCall = new RegExp(`\\bsource\\(\\s*${quoted}\\s*,\\s*${quoted}\\s*\\)`, 'g')

/** Every ref() with names that are written out. */
export const refsIn = (text: string): Ref[] =>
  [...text.matchAll(refCall)].map(([, one, two, three, four, version]) => {
    const [first, second] = [one ?? two ?? '', three ?? four]
    return {
      name: second ?? first,
      ...(second !== undefined && { package: first }),
      ...(version !== undefined && { version }),
    }
  })

/** The first ref(). */
export const refIn = (text: string): Ref | undefined => refsIn(text)[0]

/** Every source() with names that are written out, as `source.table`. */
export const sourcesIn = (text: string): string[] =>
  [...text.matchAll(sourceCall)].map(([, one, two, three, four]) => `${one ?? two ?? ''}.${three ?? four ?? ''}`)

/** What a text names first: a model, or a table of a source as `source.table`. */
export const namedIn = (text: string): string | undefined => refIn(text)?.name ?? sourcesIn(text)[0]

/** Every metric() with a name that is written out. */
export const metricsIn = (text: string): string[] =>
  [...text.matchAll(/\bmetric\(\s*['"](\w+)['"]\s*\)/g)].map(([, name]) => name as string)
