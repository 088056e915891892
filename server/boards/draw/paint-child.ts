/** The process in which pictures are painted, see paint-aside.ts. It ends when nobody waits for one any more. */
import { renderAsync } from '@resvg/resvg-js'
import type { PaintReply, PaintRequest } from './paint-aside.ts'

const send = (reply: PaintReply): void => {
  process.send?.(reply)
}

process.on('message', ({ svg, options }: PaintRequest) => {
  renderAsync(svg, options).then(
    (image) => send({ png: image.asPng() }),
    (error: unknown) => send({ error: error instanceof Error ? error.message : String(error) }),
  )
})
// At once: a picture may still be painted, which leaving in order would wait for.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
// Ctrl-C in a terminal reaches the whole group; who asks decides when this process ends.
process.on('SIGINT', () => {})
