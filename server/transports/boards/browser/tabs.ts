import { changeAddress, type Raw } from './address.ts'

const listsIn = (place: HTMLElement): HTMLElement[] => [...place.querySelectorAll<HTMLElement>('[role=tablist]')]
const tabsOf = (list: Element): HTMLElement[] => [...list.querySelectorAll<HTMLElement>(':scope > [role=tab]')]

const select = (list: Element, chosen: HTMLElement): void => {
  for (const tab of tabsOf(list)) {
    const isChosen = tab === chosen
    tab.setAttribute('aria-selected', String(isChosen))
    tab.tabIndex = isChosen ? 0 : -1
    document.getElementById(tab.getAttribute('aria-controls') ?? '')?.toggleAttribute('hidden', !isChosen)
  }
}

/** Opens the tabs that the address names; a list that it does not name shows the one that is open at first. */
export const openTabs = (place: HTMLElement, address: Readonly<Record<string, Raw>>): void => {
  for (const list of listsIn(place)) {
    const tabs = tabsOf(list)
    const named = address[list.dataset.tabs ?? '']
    const chosen = tabs.find(({ dataset }) => dataset.tab === named) ?? tabs.find(({ dataset }) => dataset.default !== undefined)
    if (chosen !== undefined) select(list, chosen)
  }
}

/** Opens the folds and the tabs in which something stands; of tabs it says so in the address. */
export const openAround = (inner: Element): void => {
  for (let fold = inner.closest('details'); fold !== null; fold = fold.parentElement?.closest('details') ?? null) fold.open = true
  for (let panel = inner.closest('[hidden]'); panel !== null; panel = inner.closest('[hidden]')) {
    const tab = document.querySelector<HTMLElement>(`[aria-controls="${CSS.escape(panel.id)}"]`)
    if (tab?.parentElement == null) return
    select(tab.parentElement, tab)
    tell(tab, true)
  }
}

/** Puts the tab into the address; one that is open at first is in no address. */
const tell = ({ dataset, parentElement }: HTMLElement, isPassing: boolean): void => {
  const name = parentElement?.dataset.tabs
  if (name !== undefined) changeAddress({ [name]: dataset.default === undefined ? (dataset.tab ?? null) : null }, isPassing)
}

/** Makes the tabs of a layout work: a press or the arrow keys open one. `opened` is called once another is open. */
export const wireTabs = (place: HTMLElement, opened: () => void): void => {
  for (const list of listsIn(place)) {
    const tabs = tabsOf(list)
    const open = (chosen: HTMLElement, isPassing: boolean): void => {
      select(list, chosen)
      tell(chosen, isPassing)
      opened()
    }
    tabs.forEach((tab, index) => {
      tab.addEventListener('click', () => open(tab, false))
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
        open(chosen, true)
        chosen.focus()
      })
    })
  }
}
