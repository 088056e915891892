// Runs before the first paint, so that a page never flashes in the other scheme.
const key = 'dataface-scheme'
const root = document.documentElement
const system = matchMedia('(prefers-color-scheme: dark)')

const stored = (): string | null => {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

const isDark = (): boolean => (root.dataset.scheme ?? (system.matches ? 'dark' : 'light')) === 'dark'

const show = (): void => {
  const button = document.querySelector('#scheme')
  if (button !== null) button.textContent = isDark() ? 'Light' : 'Dark'
  button?.setAttribute('aria-label', isDark() ? 'Show in light colours' : 'Show in dark colours')
}

const chosen = stored()
if (chosen === 'dark' || chosen === 'light') root.dataset.scheme = chosen

document.addEventListener('DOMContentLoaded', () => {
  show()
  document.querySelector('#scheme')?.addEventListener('click', () => {
    root.dataset.scheme = isDark() ? 'light' : 'dark'
    try {
      localStorage.setItem(key, root.dataset.scheme)
    } catch {
      // Without storage the choice lasts for this page.
    }
    show()
    document.dispatchEvent(new Event('schemechange'))
  })
})
system.addEventListener('change', () => {
  show()
  document.dispatchEvent(new Event('schemechange'))
})
