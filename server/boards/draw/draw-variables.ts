import { cleanText } from '../charts/chart-data.ts'
import type { Theme } from '../charts/theme.ts'
import type { BoundVariable } from '../compiled-board.ts'
import { ellipsize } from '../fonts/fit-text.ts'
import { textWidth } from '../fonts/text-width.ts'
import type { Drawing } from './draw-markdown.ts'
import { element, textElement } from './svg.ts'

const height = 26
const gap = 8
const label = { size: 12, weight: 400 }
const value = { size: 12, weight: 600 }

/** The values in force, so that a picture says what it shows. A variable that is not set is left out. */
export function drawVariables(variables: readonly BoundVariable[], width: number, theme: Theme): Drawing {
  const chips = variables.flatMap((variable) => {
    const text = variable.isVisible ? variableText(variable) : undefined
    if (text === undefined) return []
    const name = cleanText(variable.label)
    const shown = ellipsize(cleanText(text), Math.min(320, width - textWidth(name, label) - 40), value)
    return [{ name, text: shown, width: textWidth(name, label) + textWidth(shown, value) + 28 }]
  })
  let [x, row] = [0, 0]
  const placed = chips.map((chip) => {
    if (x > 0 && x + chip.width > width) {
      x = 0
      row++
    }
    const at = { ...chip, x, row }
    x += chip.width + gap
    return at
  })
  return {
    width,
    height: placed.length === 0 ? 0 : (row + 1) * (height + gap) - gap,
    draw: (left, top) =>
      placed
        .map((chip) => {
          const [at, y] = [left + chip.x, top + chip.row * (height + gap)]
          return (
            element('rect', {
              x: at + 0.5,
              y: y + 0.5,
              width: chip.width - 1,
              height: height - 1,
              rx: Math.min(13, theme.radius * 1.3),
              fill: theme.card,
              stroke: theme.border,
            }) +
            textElement(chip.name, at + 11, y + 17.3, { ...label, color: theme.muted }) +
            textElement(chip.text, at + 17 + textWidth(chip.name, label), y + 17.3, { ...value, color: theme.ink })
          )
        })
        .join(''),
  }
}

/** The value as a reader knows it; undefined when there is none. */
export function variableText({ value: current, options, input }: BoundVariable): string | undefined {
  const name = (each: string | number | boolean | null): string => {
    if (typeof each === 'boolean') return each ? 'Yes' : 'No'
    return options.find((option) => option.value === each)?.label ?? String(each ?? '')
  }
  if (current === null || current === '') return undefined
  if (!Array.isArray(current)) return name(current as string | number | boolean)
  const values = (current as readonly (string | number | null)[]).filter((each) => each !== null && each !== '')
  if (values.length === 0) return undefined
  if (input === 'daterange' || input === 'range')
    return (current as readonly (string | number | null)[]).map((each) => (each === null ? '…' : name(each))).join(' – ')
  const shown = values.slice(0, 5).map(name).join(', ')
  return values.length > 5 ? `${shown} and ${values.length - 5} more` : shown
}
