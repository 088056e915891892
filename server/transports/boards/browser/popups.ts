/** Menus that are open close at Escape, which gives the focus back, and at a press beside them; one is open at a time. */
export const wirePopups = (): void => {
  const open = (): HTMLDetailsElement[] => [...document.querySelectorAll<HTMLDetailsElement>('details[data-popup][open]')]
  document.addEventListener('click', (event) => {
    for (const popup of open()) if (!popup.contains(event.target as Node)) popup.open = false
  })
  document.addEventListener(
    'keydown',
    (event) => {
      const [popup] = open()
      if (event.key !== 'Escape' || popup === undefined) return
      popup.open = false
      popup.querySelector('summary')?.focus()
      event.stopPropagation()
    },
    true,
  )
}
