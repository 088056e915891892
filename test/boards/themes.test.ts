import { expect, test } from 'vitest'
import { resolveColor, resolvePalette } from '../../server/boards/charts/color-tokens.ts'
import { channels, contrast } from '../../server/boards/charts/contrast.ts'
import { resolveTheme, type Theme, themeName, themeNames } from '../../server/boards/charts/theme.ts'

const all: readonly (readonly [string, Theme])[] = themeNames.flatMap((name) =>
  (['light', 'dark'] as const).map((scheme) => [`${name} ${scheme}`, resolveTheme(name, scheme)] as const),
)

test.each(all)('%s: text has a contrast of 4.5 on what it stands on', (_, theme) => {
  for (const ground of [theme.card, theme.page]) {
    for (const text of [theme.ink, theme.muted]) expect(contrast(text, ground), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
  }
  expect(contrast(theme.accent, theme.card)).toBeGreaterThanOrEqual(4.5)
  for (const { text, subtle } of Object.values(theme.tones)) {
    expect(contrast(text, theme.card), `${text} on the card`).toBeGreaterThanOrEqual(4.5)
    expect(contrast(text, subtle), `${text} on ${subtle}`).toBeGreaterThanOrEqual(4.5)
    expect(contrast(theme.ink, subtle)).toBeGreaterThanOrEqual(4.5)
  }
})

test.each(all)('%s: marks have a contrast of 3 on the card', (_, theme) => {
  for (const color of [...theme.category, ...Object.values(theme.tones).map(({ solid }) => solid)]) {
    expect(contrast(color, theme.card), `${color} on ${theme.card}`).toBeGreaterThanOrEqual(3)
  }
})

/** How the colour-blind see a colour: Machado, Oliveira and Fernandes 2009, full severity, on linear light. */
const blindness = {
  protan: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
  deutan: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
} as const

const linear = (color: string): number[] =>
  channels(color).map((channel) => (channel / 255 <= 0.04045 ? channel / 255 / 12.92 : ((channel / 255 + 0.055) / 1.055) ** 2.4))

/** OKLab, in which distances are about as large as they look. */
function lab([red = 0, green = 0, blue = 0]: readonly number[]): number[] {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

const seen = (color: string, matrix: readonly number[]): number[] => {
  const light = linear(color)
  return lab(
    [0, 3, 6].map((row) =>
      Math.min(
        1,
        Math.max(
          0,
          light.reduce((sum, channel, index) => sum + channel * (matrix[row + index] as number), 0),
        ),
      ),
    ),
  )
}

const distance = (left: readonly number[], right: readonly number[]): number =>
  Math.hypot(...left.map((value, index) => value - (right[index] as number)))

test.each(all)('%s: the first four series stay apart for everyone', (_, theme) => {
  for (const [kind, matrix] of [['full', [1, 0, 0, 0, 1, 0, 0, 0, 1]] as const, ...Object.entries(blindness)]) {
    const colors = theme.category.slice(0, 4)
    for (const [index, color] of colors.entries()) {
      for (const other of colors.slice(index + 1)) {
        expect(distance(seen(color, matrix), seen(other, matrix)), `${kind}: ${color} and ${other}`).toBeGreaterThan(0.07)
      }
    }
  }
})

test('names of older themes lead to ours, and one that is not known to clarity', () => {
  expect([themeName('cream'), themeName('stark'), themeName('constructor'), themeName(undefined)]).toEqual([
    'paper',
    'stark',
    'clarity',
    'clarity',
  ])
  expect(resolveTheme('neon').scheme).toBe('dark')
})

test('tokens lead to colours of the theme', () => {
  const theme = resolveTheme('clarity')
  expect(resolveColor('category[2]', theme)).toBe(theme.category[1])
  expect(resolveColor('category[12]', theme)).toBe(theme.category[1])
  expect(resolveColor('positive.bg', theme)).toBe(theme.tones.positive.subtle)
  expect(resolveColor('#0A5', theme)).toBe('#0a5')
  expect(resolveColor('brand.1', theme, { brand: ['#123456'] })).toBe('#123456')
  expect(resolveColor('blurple', theme)).toBeUndefined()
  expect(resolveColor('constructor', theme)).toBeUndefined()
  expect(resolveColor('#12', theme)).toBeUndefined()
  expect(resolvePalette('blue_r', theme)).toEqual(resolvePalette('blue', theme)?.toReversed())
  expect(resolvePalette('dbt-seq-blue', theme)).toEqual(theme.palettes.blue)
  expect(resolvePalette('nothing', theme)).toBeUndefined()
})

test.each([
  ['lightblue', '#add8e6'],
  ['MistyRose', '#ffe4e1'],
  ['rgb(255, 182, 193)', '#ffb6c1'],
  ['rgba(102,126,234,.1)', '#667eea1a'],
  ['rgb(102 126 234 / 50%)', '#667eea80'],
  ['hsl(120, 100%, 25%)', '#008000'],
  ['transparent', '#00000000'],
  ['rgb(1, 2)', undefined],
  ['nocolour', undefined],
])('a colour is read as CSS writes it: %s', (written, hex) => {
  expect(resolveColor(written, resolveTheme('clarity'))).toBe(hex)
})

test.each(all)('%s: palettes of other products keep their hues and their companions', (_, theme) => {
  const [low, high] = [resolvePalette('dbt-div-crimson-green', theme) ?? [], theme.palettes.green ?? []]
  expect([low[0], low.at(-1)]).toEqual([theme.palettes.red?.at(-2), high.at(-2)])
  for (const companion of ['category_ink[2]', 'vivid-10-dark.2', 'category_dark[2]'])
    expect(contrast(resolveColor(companion, theme) as string, theme.card), companion).toBeGreaterThan(
      contrast(theme.category[1] as string, theme.card),
    )
  for (const role of ['subtitle', 'caption', 'label']) expect(resolveColor(`dbt-grays.${role}`, theme)).toBe(theme.muted)
})
