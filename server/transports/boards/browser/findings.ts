import type { BoardView } from '../view.ts'
import { h } from './dom.ts'

const count = (number: number, name: string): string => `${number} ${name}${number === 1 ? '' : 's'}`

/** What was found about the board as a whole: open when something is not shown for it, and as the reader left it after that. */
export const showFindings = (place: HTMLElement, findings: BoardView['findings']): void => {
  const ordered = [...findings].sort((a, b) => Number(b.level === 'error') - Number(a.level === 'error'))
  const text = JSON.stringify(ordered)
  if (place.dataset.shown === text) return
  place.dataset.shown = text
  const errors = findings.filter(({ level }) => level === 'error').length
  const counts = [errors > 0 ? count(errors, 'error') : '', findings.length > errors ? count(findings.length - errors, 'warning') : '']
  place.replaceChildren(
    ...(findings.length === 0
      ? []
      : [
          h(
            'details',
            { class: `findings${errors > 0 ? ' is-error' : ''}`, open: errors > 0 },
            h('summary', {}, `${counts.filter(Boolean).join(', ')} about this board`),
            h(
              'ul',
              {},
              ...ordered.map(({ level, code, message, fix, file, line, column }) =>
                h(
                  'li',
                  { class: `is-${level}` },
                  h('p', {}, message, fix === undefined ? null : ' ', fix === undefined ? null : h('span', { class: 'fix' }, fix)),
                  h('p', { class: 'place' }, h('code', {}, `${file}:${line}:${column}`), ' ', h('code', {}, code)),
                ),
              ),
            ),
          ),
        ]),
  )
}
