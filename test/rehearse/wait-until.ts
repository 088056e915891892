/** Waits until something holds. Gives how long that took, milliseconds; throws when it takes longer than `withinMs`. */
export const waitUntil = async (what: string, withinMs: number, holds: () => Promise<boolean>): Promise<number> => {
  const started = performance.now()
  for (;;) {
    if (await holds()) return performance.now() - started
    if (performance.now() - started > withinMs) throw new Error(`after ${Math.round(withinMs / 1000)} s still waiting until ${what}`)
    await new Promise((done) => setTimeout(done, 200))
  }
}
