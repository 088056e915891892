/** Pictures are painted in processes of their own: one that the engine cannot paint ends nothing else. */
import { expect, test } from 'vitest'
import { renderPng } from '../../server/boards/draw/render-png.ts'

const picture = (content: string): string => `<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100">${content}</svg>`
const sound = picture('<rect width="50" height="50" fill="red"/>')
/** A layer far outside the picture. */
const unpaintable = picture('<g opacity="0.5"><circle cx="4000000" cy="20" r="5"/></g>')

test('a picture that cannot be painted is told, and those beside it and after it are painted', async () => {
  for (let round = 0; round < 3; round++) {
    const [before, told, beside] = await Promise.all([
      renderPng(sound),
      renderPng(unpaintable).then(
        () => 'painted',
        ({ code }: { code: string }) => code,
      ),
      renderPng(sound),
    ])
    expect(told).toBe('RESULT_TOO_LARGE')
    expect(Buffer.from(before).toString('latin1', 1, 4)).toBe('PNG')
    expect(Buffer.compare(before, beside)).toBe(0)
  }
})

test('a text that is no picture is an error of ours', async () => {
  await expect(renderPng('<svg nope')).rejects.toThrow('SVG')
  expect((await renderPng(sound)).byteLength).toBeGreaterThan(100)
})
