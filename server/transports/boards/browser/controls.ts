import type { VariableView } from '../view.ts'
import type { Raw } from './address.ts'
import { h } from './dom.ts'

/** Called with the new value as text; null means that there is none. */
type Change = (name: string, raw: Raw | null, isTyping?: boolean) => void

interface Control {
  readonly element: HTMLElement
  /** Everything but the value: when it changes the control is made anew. */
  readonly shape: string
  /** Shows a value; `given` is what the address says. */
  show(view: VariableView, given: Raw | undefined): void
}

/** The controls of a board; those whose shape stays are kept, so that focus and typing are not lost. */
export class Controls {
  readonly #place: HTMLElement
  readonly #change: Change
  readonly #isTyping: (name: string) => boolean
  readonly #controls = new Map<string, Control>()

  /** @param isTyping whether a value of a control is on its way to the address, so that an older one does not take its place. */
  constructor(place: HTMLElement, change: Change, isTyping: (name: string) => boolean) {
    this.#place = place
    this.#change = change
    this.#isTyping = isTyping
  }

  show(views: readonly VariableView[], given: Readonly<Record<string, Raw>>): void {
    this.#place.hidden = views.length === 0
    for (const name of [...this.#controls.keys()]) {
      if (views.some((view) => view.name === name)) continue
      this.#controls.get(name)?.element.remove()
      this.#controls.delete(name)
    }
    views.forEach((view, index) => {
      const { value: _value, text: _text, fault: _fault, ...shape } = view
      const written = JSON.stringify(shape)
      let control = this.#controls.get(view.name)
      if (control === undefined || control.shape !== written) {
        control?.element.remove()
        control = makeControl(view, written, this.#change)
        this.#controls.set(view.name, control)
      }
      if (this.#place.children[index] !== control.element) this.#place.insertBefore(control.element, this.#place.children[index] ?? null)
      if (!this.#isTyping(view.name)) control.show(view, given[view.name])
      showFault(control.element, view)
    })
  }
}

/** Says below a control why no query can be run with its value. */
const showFault = (element: HTMLElement, { name: variable, fault }: VariableView): void => {
  const id = idOf(variable, '-fault')
  element.querySelector('.control-fault')?.remove()
  if (fault !== null) element.append(h('p', { id, class: 'control-fault' }, fault))
  for (const field of element.querySelectorAll('input, select, textarea, summary')) {
    for (const [name, value] of [
      ['aria-invalid', 'true'],
      ['aria-describedby', id],
    ] as const)
      if (fault === null) field.removeAttribute(name)
      else field.setAttribute(name, value)
  }
}

const makeControl = (view: VariableView, shape: string, change: Change): Control => {
  const made = inputOf(view, change)
  if (choosing.has(view.input) && view.options.length === 0)
    made.element.append(h('p', { class: 'control-note' }, 'Nothing to choose from'))
  return { ...made, shape }
}

const choosing: ReadonlySet<VariableView['input']> = new Set(['select', 'multiselect', 'radio'])

const inputOf = (view: VariableView, change: Change): Omit<Control, 'shape'> => {
  switch (view.input) {
    case 'select':
      return selectControl(view, change)
    case 'multiselect':
      return multiselectControl(view, change)
    case 'radio':
      return radioControl(view, change)
    case 'checkbox':
      return checkboxControl(view, change)
    case 'slider':
      return sliderControl(view, change)
    case 'range':
      return pairControl(view, change, 'number')
    case 'daterange':
      return rangeOfDays(view, change)
    case 'date':
      return textControl(view, change, 'date')
    case 'number':
      return textControl(view, change, 'number')
    case 'textarea':
    case 'text':
      return textControl(view, change, 'text')
  }
}

const idOf = (name: string, part = ''): string => `v-${name}${part}`

const text = (value: unknown): string => (value === null || value === undefined ? '' : String(value))

/** Sets a field; one that has the value already keeps its caret. */
const write = (field: HTMLInputElement, value: string): void => {
  if (field.value !== value) field.value = value
}

const wrap = (view: VariableView, ...inner: HTMLElement[]): HTMLElement =>
  h('div', { class: 'control', title: view.notes ?? null }, h('label', { for: idOf(view.name) }, view.label), ...inner)

const group = (view: VariableView, ...inner: HTMLElement[]): HTMLElement =>
  h('fieldset', { class: 'control', title: view.notes ?? null, disabled: !view.isEnabled }, h('legend', {}, view.label), ...inner)

/** No value is none at all: an address says so only where the board has a default that it overrules. */
const none = (view: VariableView): Raw | null => (view.default === null ? null : '')

const selectControl = (view: VariableView, change: Change): Omit<Control, 'shape'> => {
  const select = h('select', {
    id: idOf(view.name),
    disabled: !view.isEnabled,
    required: view.isRequired,
    onchange: () => change(view.name, select.value === '' ? none(view) : select.value),
  })
  const fill = (current: string): void => {
    const values = view.options.map((option) => String(option.value))
    const options = view.options.map((option) => h('option', { value: option.value }, option.label))
    // A value that the options lack, such as one that a click chose, is still shown.
    const extra = current === '' || values.includes(current) ? [] : [h('option', { value: current }, current)]
    select.replaceChildren(h('option', { value: '' }, view.placeholder ?? (view.isRequired ? 'Choose…' : 'All')), ...options, ...extra)
    select.value = current
  }
  return { element: wrap(view, select), show: ({ value }) => fill(text(value)) }
}

const multiselectControl = (view: VariableView, change: Change): Omit<Control, 'shape'> => {
  const summary = h('summary', { id: idOf(view.name) })
  const boxes = view.options.map((option) => {
    const box = h('input', { type: 'checkbox', value: option.value, disabled: !view.isEnabled, onchange: () => send() })
    return { box, label: h('label', {}, box, option.label) }
  })
  const send = (): void => {
    const chosen = boxes.filter(({ box }) => box.checked).map(({ box }) => box.value)
    change(view.name, chosen.length === 0 ? none(view) : chosen)
  }
  const clear = h('button', { type: 'button', class: 'quiet', onclick: () => change(view.name, none(view)) }, 'Clear')
  const details = h(
    'details',
    { class: 'choices', 'data-popup': true },
    summary,
    h('div', { class: 'popup', role: 'group', 'aria-label': view.label }, ...boxes.map(({ label }) => label), clear),
  )
  const element = h('div', { class: 'control', title: view.notes ?? null }, h('span', { class: 'label' }, view.label), details)
  return {
    element,
    show({ value, text: shown }) {
      const chosen = Array.isArray(value) ? value.map(String) : []
      for (const { box } of boxes) box.checked = chosen.includes(box.value)
      summary.textContent = shown ?? view.placeholder ?? 'All'
      summary.setAttribute('aria-label', `${view.label}: ${summary.textContent}`)
    },
  }
}

const radioControl = (view: VariableView, change: Change): Omit<Control, 'shape'> => {
  const choices = [...(view.isRequired ? [] : [{ value: '', label: view.placeholder ?? 'All' }]), ...view.options].map((option) => {
    const input = h('input', {
      type: 'radio',
      name: idOf(view.name),
      value: option.value,
      onchange: () => change(view.name, input.value === '' ? none(view) : input.value),
    })
    return { input, label: h('label', {}, input, option.label) }
  })
  return {
    element: group(view, h('div', { class: 'radios' }, ...choices.map(({ label }) => label))),
    show({ value }) {
      for (const { input } of choices) input.checked = input.value === text(value)
    },
  }
}

const checkboxControl = (view: VariableView, change: Change): Omit<Control, 'shape'> => {
  const box = h('input', {
    type: 'checkbox',
    id: idOf(view.name),
    disabled: !view.isEnabled,
    onchange: () => change(view.name, box.checked ? 'true' : 'false'),
  })
  const element = h('div', { class: 'control is-check', title: view.notes ?? null }, h('label', { for: idOf(view.name) }, box, view.label))
  return {
    element,
    show({ value }) {
      box.checked = value === true
    },
  }
}

const sliderControl = (view: VariableView, change: Change): Omit<Control, 'shape'> => {
  const output = h('output', { for: idOf(view.name) })
  const input = h('input', {
    type: 'range',
    id: idOf(view.name),
    min: view.min ?? 0,
    max: view.max ?? 100,
    step: view.step ?? 'any',
    disabled: !view.isEnabled,
    oninput: () => {
      output.textContent = input.value
      change(view.name, input.value, true)
    },
  })
  return {
    element: wrap(view, h('div', { class: 'slider' }, input, output)),
    show({ value }) {
      input.value = text(value ?? view.min ?? 0)
      output.textContent = value === null ? 'Any' : text(value)
    },
  }
}

const textControl = (view: VariableView, change: Change, type: 'text' | 'number' | 'date'): Omit<Control, 'shape'> => {
  const send = (isTyping: boolean): void => {
    if (input.validity.badInput) return
    change(view.name, input.value === '' ? none(view) : input.value, isTyping)
  }
  const isLong = view.input === 'textarea'
  const input = h(isLong ? 'textarea' : 'input', {
    ...(isLong ? { rows: 2 } : { type }),
    id: idOf(view.name),
    placeholder: view.placeholder ?? null,
    required: view.isRequired,
    disabled: !view.isEnabled,
    ...(type === 'text' ? {} : { min: view.min ?? null, max: view.max ?? null, step: view.step ?? (type === 'number' ? 'any' : null) }),
    ...(type === 'date' ? { onchange: () => send(false) } : { oninput: () => send(true) }),
  }) as HTMLInputElement
  return {
    element: wrap(view, input),
    show({ value }) {
      write(input, text(value))
    },
  }
}

/** Two ends that are written as `from..to`; either may be open. */
const pairControl = (view: VariableView, change: Change, type: 'number' | 'date'): Omit<Control, 'shape'> => {
  const make = (part: string, name: string) =>
    h('input', {
      type,
      id: idOf(view.name, part),
      'aria-label': `${view.label}, ${name}`,
      min: view.min ?? null,
      max: view.max ?? null,
      step: view.step ?? (type === 'number' ? 'any' : null),
      onchange: () => send(),
    })
  const [from, to] = [make('-from', 'from'), make('-to', 'to')]
  const send = (): void => {
    const isOpen = from.value === '' && to.value === ''
    change(
      view.name,
      isOpen
        ? none(view)
        : type === 'date'
          ? `${from.value}..${to.value}`
          : JSON.stringify([from.value, to.value].map((end) => (end === '' ? null : Number(end)))),
    )
  }
  return {
    element: group(view, h('div', { class: 'pair' }, from, h('span', { 'aria-hidden': 'true' }, '–'), to)),
    show({ value }) {
      const ends = Array.isArray(value) ? value : [null, null]
      write(from, text(ends[0]))
      write(to, text(ends[1]))
    },
  }
}

const presets = ['last 7 days', 'last 30 days', 'last 90 days', 'this month', 'last month', 'this quarter', 'year to date', 'last year']

/** Days from a list of relative stretches, which stay relative in the address, or two days. */
const rangeOfDays = (view: VariableView, change: Change): Omit<Control, 'shape'> => {
  const pair = pairControl(view, change, 'date')
  const own = typeof view.default === 'string' && !presets.includes(view.default) ? [view.default] : []
  const select = h(
    'select',
    {
      id: idOf(view.name),
      'aria-label': `${view.label}, in words`,
      disabled: !view.isEnabled,
      onchange: () => {
        if (select.value !== 'custom') change(view.name, select.value === '' ? none(view) : select.value)
        pair.element.querySelector<HTMLElement>('.pair')?.toggleAttribute('hidden', select.value !== 'custom')
      },
    },
    h('option', { value: '' }, 'Any time'),
    ...[...own, ...presets].map((preset) => h('option', { value: preset }, preset.charAt(0).toUpperCase() + preset.slice(1))),
    h('option', { value: 'custom' }, 'From – to'),
  )
  const dates = pair.element.querySelector('.pair')
  const meant = h('p', { class: 'control-note' })
  pair.element.append(h('div', { class: 'days' }, select, dates), meant)
  return {
    element: pair.element,
    show(shown, given) {
      const words = given ?? (typeof view.default === 'string' ? view.default : undefined)
      const isPreset = typeof words === 'string' && [...own, ...presets].includes(words)
      select.value = shown.value === null ? '' : isPreset ? words : 'custom'
      pair.element.querySelector<HTMLElement>('.pair')?.toggleAttribute('hidden', select.value !== 'custom')
      // The days that the words mean today.
      meant.textContent = isPreset && shown.text !== null ? shown.text : ''
      pair.show(shown, given)
    },
  }
}
