import type { BoundBoard } from '../compiled-board.ts'
import { withoutControls } from '../without-controls.ts'

/** A page that stands alone: the picture of the board, sharp at every size, with a text for those who do not see it. */
export const renderHtml = (board: BoundBoard, svg: string, text: string, scheme: 'light' | 'dark'): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="${scheme}">
<title>${escapeHtml(board.title ?? 'Board')}</title>
<style>
body { margin: 0; background: ${scheme === 'dark' ? '#0f1115' : '#ffffff'}; }
main { max-width: 1400px; margin: 0 auto; }
svg { display: block; width: 100%; height: auto; }
.text { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: pre-wrap; }
</style>
</head>
<body>
<main>
${svg}
<div class="text">${escapeHtml(text)}</div>
</main>
</body>
</html>
`

const escapeHtml = (text: string): string => withoutControls(text).replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
