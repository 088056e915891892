/**
 * The known name nearest to what was written, or undefined when none is near: equal but for case, or at most a third
 * of the letters away by Damerau-Levenshtein (optimal string alignment).
 */
export const nearestName = (written: string, known: Iterable<string>): string | undefined => nearestNames(written, known, 1)[0]

const mostCompared = 1_000

/** Up to `count` known names, nearest first; a name that starts with or contains what was written counts as near. */
export const nearestNames = (written: string, known: Iterable<string>, count: number): string[] => {
  const wanted = written.toLowerCase()
  const tolerance = Math.max(1, Math.floor(wanted.length / 3))
  const found: { name: string; distance: number }[] = []
  let compared = 0
  for (const name of known) {
    const candidate = name.toLowerCase()
    const contained = wanted.length >= 3 && (candidate.includes(wanted) || (candidate.length >= 3 && wanted.includes(candidate)))
    if (!contained && Math.abs(candidate.length - wanted.length) > tolerance) continue
    // Beyond so many that might be near, none is told from the others.
    if (++compared > mostCompared) break
    const distance = editDistance(wanted.slice(0, 128), candidate.slice(0, 128), contained ? 128 : tolerance)
    if (distance <= tolerance || contained) found.push({ name, distance })
  }
  found.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
  return found.slice(0, count).map((entry) => entry.name)
}

/** The distance of two texts; any larger number when it is more than `most`, which ends the work early. */
const editDistance = (a: string, b: string, most: number): number => {
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    let least = i
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      let best = Math.min((previous[j] as number) + 1, (row[j - 1] as number) + 1, (previous[j - 1] as number) + (same ? 0 : 1))
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, (before[j - 2] as number) + 1)
      row.push(best)
      if (best < least) least = best
    }
    // Swapped letters reach back by one row.
    if (least > most + 1) return least
    before = previous
    previous = row
  }
  return previous[b.length] as number
}
