/** The width that a chart has in its cards, in all of its places; undefined while it is hidden. */
export const widthOf = (places: readonly HTMLElement[]): number | undefined =>
  leastOf(places, (place) => {
    const { paddingLeft, paddingRight } = getComputedStyle(place)
    return place.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
  })

/** The height that its drawing has; undefined when there is none, or one that has its own, as small multiples have. */
export const heightOf = (places: readonly HTMLElement[]): number | undefined =>
  leastOf(
    places.flatMap((place) => place.querySelector('.drawing:not([data-own-height])') ?? []),
    ({ clientHeight }) => clientHeight,
  )

/** The least size of what is shown. */
const leastOf = <Place extends Element>(places: readonly Place[], size: (place: Place) => number): number | undefined => {
  const sizes = places.filter(({ clientWidth }) => clientWidth > 0).map(size)
  return sizes.length === 0 ? undefined : Math.max(1, Math.min(...sizes))
}
