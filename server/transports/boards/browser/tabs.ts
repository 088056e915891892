/** Makes the tabs of a layout work: a press or the arrow keys open one. `opened` is called once another is open. */
export const wireTabs = (place: HTMLElement, opened: () => void, open?: ReadonlySet<string>): void => {
  for (const list of place.querySelectorAll('[role=tablist]')) {
    const tabs = [...list.querySelectorAll<HTMLElement>(':scope > [role=tab]')]
    const select = (chosen: HTMLElement): void => {
      for (const tab of tabs) {
        const isChosen = tab === chosen
        tab.setAttribute('aria-selected', String(isChosen))
        tab.tabIndex = isChosen ? 0 : -1
        document.getElementById(tab.getAttribute('aria-controls') ?? '')?.toggleAttribute('hidden', !isChosen)
      }
      opened()
    }
    tabs.forEach((tab, index) => {
      tab.addEventListener('click', () => select(tab))
      tab.addEventListener('keydown', (event) => {
        const steps: Readonly<Record<string, number>> = {
          ArrowRight: index + 1,
          ArrowDown: index + 1,
          ArrowLeft: index - 1,
          ArrowUp: index - 1,
          Home: 0,
          End: tabs.length - 1,
        }
        const next = steps[event.key]
        if (next === undefined) return
        const chosen = tabs[(next + tabs.length) % tabs.length]
        if (chosen === undefined) return
        event.preventDefault()
        select(chosen)
        chosen.focus()
      })
    })
    const kept = tabs.find(({ id }) => open?.has(id))
    if (kept !== undefined) select(kept)
  }
}
