/** What is to be drawn, and where. */
const waiting = new Map<Element, () => Promise<void>>()
let isDrawing = false

/**
 * Draws one after the other: what is in view first, then what is nearest to it, then what is hidden. Between two the page answers
 * to its reader.
 * @returns takes it off again.
 */
export const drawInTurn = (place: Element, draw: () => Promise<void>): (() => void) => {
  waiting.set(place, draw)
  if (!isDrawing) void drawWaiting()
  return () => void waiting.delete(place)
}

const drawWaiting = async (): Promise<void> => {
  isDrawing = true
  await pause()
  for (let next = nearest(); next !== undefined; next = nearest()) {
    const draw = waiting.get(next.place)
    waiting.delete(next.place)
    await draw?.()
    await (next.distance === 0 ? pause() : idle())
  }
  isDrawing = false
}

const nearest = (): { place: Element; distance: number } | undefined => {
  let found: { place: Element; distance: number } | undefined
  for (const place of waiting.keys()) {
    const { top, bottom, width } = place.getBoundingClientRect()
    const distance = width === 0 ? Number.MAX_VALUE : Math.max(0, top - innerHeight, -bottom)
    if (found === undefined || distance < found.distance) found = { place, distance }
  }
  return found
}

/** Lets what waits in the browser have its turn. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))

/** Waits until the browser has nothing else to do; Safari cannot tell. */
const idle = (): Promise<void> =>
  typeof requestIdleCallback === 'function' ? new Promise((resolve) => requestIdleCallback(() => resolve(), { timeout: 500 })) : pause()
