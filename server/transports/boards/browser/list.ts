import { debounce, own } from './dom.ts'

const form = document.querySelector<HTMLFormElement>('form.search')
const input = document.querySelector<HTMLInputElement>('#q')

/** Takes the list anew from the server, which makes the same page for those without scripts. */
const refresh = async (): Promise<void> => {
  const query = input?.value.trim() ?? ''
  const tag = query === '' ? new URLSearchParams(location.search).get('tag') : null
  const asked = query !== '' ? { q: query } : tag === null ? undefined : { tag }
  const url = own(asked === undefined ? '/boards' : `/boards?${new URLSearchParams(asked)}`)
  const response = await fetch(url)
  if (!response.ok || (input?.value.trim() ?? '') !== query) return
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  for (const id of ['results', 'count']) {
    const [now, then] = [document.getElementById(id), page.getElementById(id)]
    if (now !== null && then !== null) now.replaceChildren(...then.childNodes)
  }
  history.replaceState(null, '', url)
}

if (input !== null) {
  input.addEventListener(
    'input',
    debounce(() => void refresh(), 150),
  )
  form?.addEventListener('submit', (event) => {
    event.preventDefault()
    void refresh()
  })
  new EventSource(own('/boards-events')).addEventListener('change', () => void refresh())
}
