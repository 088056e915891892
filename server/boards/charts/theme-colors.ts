import type { Scheme, Theme, ThemeName, ToneColors, ToneName } from './theme.ts'

/**
 * The colours of the themes. Text has a contrast of 4.5 or more on what it stands on, marks of 3 or more; neighbours in
 * `category` stay apart for the colour-blind. A test measures all of it.
 */

/** Colours of sequences (low to high) and of those with a middle, by name. */
export type Palettes = Readonly<Record<string, readonly string[]>>

type Colors = Omit<Theme, 'name' | 'scheme' | 'radius' | 'palettes'>

const lightTones: Record<ToneName, ToneColors> = {
  positive: { solid: '#0f8a5f', text: '#0b6e4c', subtle: '#e3f5ed', border: '#a8dcc6' },
  negative: { solid: '#d0342c', text: '#b3261e', subtle: '#fdeceb', border: '#f3b9b5' },
  warning: { solid: '#b76e00', text: '#8a5300', subtle: '#fdf3e0', border: '#efd09a' },
  info: { solid: '#2b6cb0', text: '#1f5a96', subtle: '#e7f1fb', border: '#b0d0ef' },
  neutral: { solid: '#697386', text: '#4f5869', subtle: '#f1f3f6', border: '#d5dae1' },
}

const darkTones: Record<ToneName, ToneColors> = {
  positive: { solid: '#34c48c', text: '#4cd7a0', subtle: '#12312a', border: '#1f5a48' },
  negative: { solid: '#f0625b', text: '#ff8a84', subtle: '#3a1c20', border: '#74343a' },
  warning: { solid: '#e5a13a', text: '#f2b95f', subtle: '#352713', border: '#6b4c1e' },
  info: { solid: '#5aa2ec', text: '#83bbf5', subtle: '#16283f', border: '#2a4c77' },
  neutral: { solid: '#8b96a8', text: '#aab3c2', subtle: '#232934', border: '#3a4250' },
}

const calmLight = ['#3565c2', '#dd7a1e', '#12917f', '#a23094', '#8a7200', '#7258e9', '#c9473f', '#4c8fbd', '#5f7a2e', '#7a6a5f']
const calmDark = ['#6c9cf5', '#e69c62', '#60d4b8', '#df73a5', '#d8bb2b', '#ac86cf', '#f0776f', '#7fc0ea', '#a3c264', '#b8a899']

export const themeColors: Readonly<Record<ThemeName, Readonly<Record<Scheme, Colors>>>> = {
  clarity: {
    light: {
      page: '#f6f7f9',
      card: '#ffffff',
      border: '#e4e7ec',
      grid: '#edeff3',
      baseline: '#c3c9d3',
      ink: '#171b24',
      muted: '#5a6475',
      accent: '#3565c2',
      tones: lightTones,
      category: calmLight,
    },
    dark: {
      page: '#12151b',
      card: '#1a1e26',
      border: '#2a303b',
      grid: '#272d37',
      baseline: '#4a5362',
      ink: '#eef1f6',
      muted: '#a0a9b8',
      accent: '#6c9cf5',
      tones: darkTones,
      category: calmDark,
    },
  },
  paper: {
    light: {
      page: '#f7f2e7',
      card: '#fdfaf3',
      border: '#e6dcc6',
      grid: '#eee6d5',
      baseline: '#c8baa0',
      ink: '#2b2419',
      muted: '#685c4a',
      accent: '#98555d',
      tones: lightTones,
      category: ['#98555d', '#2c7997', '#b8811a', '#595d00', '#7a4b76', '#c1604c', '#3f5f9a', '#8c6d4f', '#4f8270', '#6f6259'],
    },
    dark: {
      page: '#1b1712',
      card: '#241f18',
      border: '#3a3227',
      grid: '#322b21',
      baseline: '#5e5240',
      ink: '#f3ebdd',
      muted: '#b8aa94',
      accent: '#e38a4b',
      tones: darkTones,
      category: ['#e38a4b', '#60b8d7', '#ebb84c', '#a9cca1', '#cf98b4', '#e89086', '#8fabe0', '#c9a985', '#85c2ac', '#b3a498'],
    },
  },
  vivid: {
    light: {
      page: '#f8f7fd',
      card: '#ffffff',
      border: '#e5e2f3',
      grid: '#eeecf7',
      baseline: '#c5c0dd',
      ink: '#1b1636',
      muted: '#5f5a7d',
      accent: '#5b3df5',
      tones: lightTones,
      category: ['#5b3df5', '#f24f17', '#009c8a', '#ba0494', '#9a8441', '#0f86e0', '#8a2be2', '#3f9b1f', '#d13b3b', '#6b6f8a'],
    },
    dark: {
      page: '#121026',
      card: '#1a1733',
      border: '#2e2a52',
      grid: '#292548',
      baseline: '#544e85',
      ink: '#f3f1ff',
      muted: '#aba6cf',
      accent: '#9a85ff',
      tones: darkTones,
      category: ['#9a85ff', '#ff8a5c', '#44dec3', '#f369b5', '#f5c638', '#56b4ff', '#c98bff', '#86d956', '#ff7d7d', '#a9adcc'],
    },
  },
  neon: {
    light: {
      page: '#f4f8fb',
      card: '#ffffff',
      border: '#d9e5ee',
      grid: '#e8f0f6',
      baseline: '#b4c6d4',
      ink: '#06202e',
      muted: '#48616f',
      accent: '#007a99',
      tones: lightTones,
      category: ['#007a99', '#c10060', '#5f8a00', '#7a3ff0', '#cb6a4d', '#16966e', '#b02fc0', '#2c6be0', '#a38000', '#5c6f7a'],
    },
    dark: {
      page: '#080b14',
      card: '#0e1320',
      border: '#1f2a40',
      grid: '#1a2336',
      baseline: '#3c4f75',
      ink: '#eafcff',
      muted: '#93a7c4',
      accent: '#22e0ff',
      tones: darkTones,
      category: ['#22e0ff', '#ff4fa3', '#b6f03c', '#a98bff', '#ffb13d', '#2ff0b0', '#f08bff', '#6f9dff', '#ffe45c', '#9fb3cc'],
    },
  },
  stark: {
    light: {
      page: '#ffffff',
      card: '#ffffff',
      border: '#111111',
      grid: '#dcdcdc',
      baseline: '#111111',
      ink: '#000000',
      muted: '#3a3a3a',
      accent: '#0035cd',
      tones: lightTones,
      category: ['#0035cd', '#d74b08', '#33895c', '#a3005c', '#685700', '#6138a7', '#b00020', '#00708f', '#3e6b00', '#4d4d4d'],
    },
    dark: {
      page: '#000000',
      card: '#000000',
      border: '#f2f2f2',
      grid: '#3a3a3a',
      baseline: '#f2f2f2',
      ink: '#ffffff',
      muted: '#d0d0d0',
      accent: '#7db0ff',
      tones: darkTones,
      category: ['#7db0ff', '#ff9a5c', '#4fe0b5', '#ed7ac3', '#ffe066', '#cfbdff', '#ff8585', '#6fe0ff', '#b7e36b', '#d0d0d0'],
    },
  },
}

const diverging = ['#b2452f', '#d98a6f', '#f2d9cd', '#cfe0ea', '#6f9fbe', '#2b5f8a']

export const themePalettes: Readonly<Record<Scheme, Palettes>> = {
  light: {
    blue: ['#eaf1fb', '#c2d7f3', '#92b5e8', '#6090da', '#3a6bc4', '#23489a', '#152f6d'],
    green: ['#e6f5ee', '#b9e2cf', '#84c9a9', '#4eaa82', '#268660', '#116446', '#07452f'],
    orange: ['#fdf0e2', '#f9d4ac', '#f2b173', '#e58a3c', '#c56616', '#964a0a', '#693204'],
    red: ['#fdeceb', '#f7c9c5', '#ee9d97', '#e06b64', '#c63f38', '#982820', '#6d1711'],
    purple: ['#f0ecfa', '#d6caf2', '#b5a2e6', '#9379d6', '#7354bf', '#543a96', '#38246c'],
    gray: ['#f1f3f6', '#d9dee5', '#b7bfcb', '#8f99a9', '#697386', '#4a5364', '#2d3442'],
    diverging,
  },
  dark: {
    blue: ['#1d2a44', '#24406f', '#2f5b9f', '#447ccc', '#6ba0ea', '#9dc3f8', '#d3e5fd'],
    green: ['#15302a', '#1b4c3f', '#226d58', '#309374', '#4cb994', '#82d8b8', '#c2f0de'],
    orange: ['#352413', '#5a3a17', '#87551b', '#b87424', '#e0963f', '#f3bb78', '#fbe0bf'],
    red: ['#391c20', '#622930', '#913940', '#c24f52', '#e7776f', '#f6a79f', '#fcd8d3'],
    purple: ['#2a2342', '#42356d', '#5d4c9a', '#7d68c6', '#a08be6', '#c5b6f6', '#e6defc'],
    gray: ['#232934', '#363e4b', '#505a6a', '#6f7a8c', '#949eaf', '#bcc4d0', '#e2e6ec'],
    diverging: ['#ef8a73', '#b95d4c', '#5a3a37', '#2c3f50', '#4a83ad', '#8cc1e8'],
  },
}
