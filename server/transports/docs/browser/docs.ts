import { debounce, h, own } from '../../boards/browser/dom.ts'

const input = document.querySelector<HTMLInputElement>('#q')
const found = document.querySelector<HTMLElement>('#found')

const close = (): void => {
  if (found !== null) found.hidden = true
}

/** Takes what the page of the search shows, which is there for those without scripts too. */
const search = async (): Promise<void> => {
  const query = input?.value.trim() ?? ''
  if (found === null || query === '') return close()
  const response = await fetch(own(`/docs/search?${new URLSearchParams({ q: query })}`))
  if (!response.ok || (input?.value.trim() ?? '') !== query) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const results = page.querySelector('#results')
  const entries = [...(results?.children ?? [])].slice(0, 8)
  results?.replaceChildren(...entries)
  results?.removeAttribute('id')
  found.replaceChildren(entries.length > 0 && results !== null ? results : h('p', {}, 'Nothing was found.'))
  found.hidden = false
}

/** The links that the arrow keys go through, from the field on. */
const step = (by: number): void => {
  const places = [input, ...(found?.querySelectorAll('a') ?? [])]
  const now = places.indexOf(document.activeElement as HTMLAnchorElement)
  places[Math.min(Math.max(now + by, 0), places.length - 1)]?.focus()
}

if (input !== null && found !== null) {
  input.addEventListener(
    'input',
    debounce(() => void search(), 120),
  )
  input.addEventListener('focus', () => {
    if (input.value.trim() !== '' && found.childElementCount > 0) found.hidden = false
  })
  const form = input.form
  form?.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') {
      close()
      input.focus()
    }
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (by === undefined || found.hidden) return
    event.preventDefault()
    step(by)
  })
  document.addEventListener('click', (event) => {
    if (form?.contains(event.target as Node) !== true) close()
  })
  document.addEventListener('keydown', (event) => {
    const isWriting = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]') !== null
    if (event.key !== '/' || isWriting || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    input.focus()
  })
}

for (const block of document.querySelectorAll('article pre')) {
  const button = h('button', { type: 'button', class: 'quiet copy' }, 'Copy')
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(block.querySelector('code')?.textContent ?? '')
    button.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, 1500)
  })
  const frame = h('div', { class: 'program' })
  block.setAttribute('tabindex', '0')
  block.replaceWith(frame)
  frame.append(block, button)
}
