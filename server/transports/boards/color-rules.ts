import { type ChartOptions, inkOnGround, resolveOptions, themeOfGround } from '../../boards/charts/chart-context.ts'
import { resolveTheme } from '../../boards/charts/theme.ts'
import type { CompiledBoard } from '../../boards/compiled-board.ts'
import { pixels, readSides } from '../../boards/draw/box.ts'
import { colorVariables, css, cssSize, groundVariables, titleCss } from './css.ts'

/** What has a ground of its own wherever it stands, and so the colours of the theme again. */
const surfaces = '.card,.chip,.popup,.quiet,.tooltip,.findings,dialog,select,input,textarea,.choices>summary,.list li'

type Scheme = 'light' | 'dark'

/** CSS that sets the look of the page, light and dark: of a board, or the usual one. */
export const colorRules = (board?: CompiledBoard): string => {
  const rules = (scheme: Scheme, root: string): string => {
    const options = board === undefined ? { theme: resolveTheme(undefined, scheme) } : optionsOf(board, scheme)
    const { theme } = options
    const own = css({ 'color-scheme': theme.scheme, '--radius': `${theme.radius}px`, ...colorVariables(theme) })
    const inner = surfaces.split(',').map((surface) => `${root} ${surface}`)
    const all = `${root}{${own}}${inner.join(',')}{${css({ ...colorVariables(theme), color: 'var(--ink)' })}}`
    return board === undefined ? all : all + groundRules(board, options, root)
  }
  return `${rules('light', ':root')}
@media (prefers-color-scheme:dark){${rules('dark', ':root:not([data-scheme=light])')}}
${rules('dark', ':root[data-scheme=dark]')}
${board === undefined ? '' : frameRules(board)}`
}

const optionsOf = (board: CompiledBoard, scheme: Scheme): ChartOptions =>
  resolveOptions({ ...board, variables: [], charts: new Map() }, { scheme })

/** The ground of the page, and the texts that stand on it alone. */
const groundRules = ({ root: { style } }: CompiledBoard, options: ChartOptions, root: string): string => {
  const ground = themeOfGround(style, options)
  const title = style.title?.font?.color
  const body = css({
    ...groundVariables(ground, options.theme),
    background: ground === options.theme ? undefined : ground.card,
  })
  return [
    body === undefined ? '' : `${root} body{${body}}`,
    title === undefined ? '' : `${root} #title{color:${inkOnGround(title, ground.ink, ground, options)}}`,
  ].join('')
}

/** The frame of the page, and how its title is set. */
const frameRules = ({ root: { style } }: CompiledBoard): string => {
  const { frame = {}, title } = style
  const width = frame.width ?? frame.max_width
  const margin = frame.margin === undefined ? undefined : readSides(frame.margin, 32)
  const rule = (selector: string, declarations: Parameters<typeof css>[0]): string => {
    const written = css(declarations)
    return written === undefined ? '' : `${selector}{${written}}`
  }
  return [
    rule('body .top,body main', {
      'max-width': width === undefined ? undefined : cssSize(width),
      'padding-left': margin && `min(${margin.left}px,8vw)`,
      'padding-right': margin && `min(${margin.right}px,8vw)`,
    }),
    rule('body .top', { 'padding-top': margin && `${margin.top}px` }),
    rule('body main', { 'padding-bottom': margin && `${margin.bottom}px` }),
    rule('body', { 'min-height': frame.min_height === undefined ? undefined : `${pixels(frame.min_height, 0)}px` }),
    rule('#title', {
      ...titleCss(style, 0),
      ...(title?.visible === false && { position: 'absolute', 'clip-path': 'inset(50%)' }),
    }),
    title?.font?.align === undefined || title.font.align === 'left' ? '' : rule('body .head', { flex: '1' }),
    style.variables?.visible === false ? rule('#controls', { display: 'none' }) : '',
  ].join('')
}
