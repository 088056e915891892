type Child = Node | string | null | undefined

interface Props {
  readonly [name: string]: string | number | boolean | null | undefined | ((event: never) => void)
}

/** Makes an element. A function listens to the event of its name, `onclick`; true writes an attribute alone, null and false leave it out. */
export const h = <Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] => {
  const element = document.createElement(name)
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue
    if (typeof value === 'function') element.addEventListener(key.slice(2), value as EventListener)
    else element.setAttribute(key, value === true ? '' : String(value))
  }
  element.append(...children.filter((child) => child !== null && child !== undefined))
  return element
}

/** A path of this project, which may stand below the path of its name; an address elsewhere as it is. */
export const own = (path: string): string => (path.startsWith('/') ? `${/^\/p\/[^/]+/.exec(location.pathname)?.[0] ?? ''}${path}` : path)

/** Puts other parts into an element; what was open in it, by its class, is open in them. */
export const replaceContent = (place: Element, parts: readonly (Node | string)[]): void => {
  const open = [...place.querySelectorAll('details[open]')].map(({ className }) => className)
  place.replaceChildren(...parts)
  for (const part of place.querySelectorAll('details')) part.open ||= open.includes(part.className)
}

/** An element of the page that is always there. */
export const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no #${id}`)
  return found
}

/** Tells what happened to those who do not see it. */
export const announce = (text: string): void => {
  byId('status').textContent = text
}

/** Runs a function once it has not been asked for during some time. */
export const debounce = (run: () => void, ms: number): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  return () => {
    clearTimeout(timer)
    timer = setTimeout(run, ms)
  }
}

export const currentScheme = (): 'light' | 'dark' => {
  const { scheme } = document.documentElement.dataset
  if (scheme === 'light' || scheme === 'dark') return scheme
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}
