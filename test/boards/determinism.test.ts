import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { drawBoard } from '../../server/boards/draw/draw-board.ts'
import { renderPng } from '../../server/boards/draw/render-png.ts'
import { salesPipeline } from './fixtures/boards.ts'
import { boundBoard, group } from './fixtures/bound-board.ts'
import { plots } from './fixtures/charts.ts'

const run = promisify(execFile)
const script = resolve(import.meta.dirname, 'fixtures/print-pictures.ts')

const print = async (zone: string, language: string): Promise<string> =>
  (await run(process.execPath, ['--import', 'tsx', script], { env: { ...process.env, TZ: zone, LANG: language, LC_ALL: language } })).stdout

test('the same board gives the same bytes in every process, zone and language', async () => {
  const digests = await Promise.all([print('UTC', 'C'), print('Asia/Kolkata', 'de_DE.UTF-8'), print('America/St_Johns', 'ar_EG.UTF-8')])
  expect(digests[0]).toMatch(/^[0-9a-f]{64}\n$/)
  expect(new Set(digests).size).toBe(1)
})

test('ids are unique in a document and all that are referred to are there', async () => {
  const heatmaps = plots.filter(({ chart }) => chart.type === 'heatmap')
  const { svg } = await drawBoard(
    boundBoard(
      'Two gradients',
      heatmaps,
      group(
        'cols',
        heatmaps.map(({ id }) => id),
      ),
    ),
  )
  const ids = [...svg.matchAll(/\bid="([^"]+)"/g)].map((match) => match[1])
  expect(ids.length).toBeGreaterThan(1)
  expect(new Set(ids).size).toBe(ids.length)
  const used = [...svg.matchAll(/url\(#([^)]+)\)/g)].map((match) => match[1])
  expect([...new Set(used)].sort()).toEqual([...ids].sort())
})

test('a PNG has twice the pixels of its picture and the same bytes twice', async () => {
  const { svg } = await drawBoard(salesPipeline, { width: 800 })
  const height = Number(/height="(\d+)"/.exec(svg)?.[1])
  const [first, second] = [await renderPng(svg), await renderPng(svg)]
  const header = Buffer.from(first)
  expect(header.subarray(1, 4).toString()).toBe('PNG')
  expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([1600, 2 * height])
  expect(Buffer.compare(header, Buffer.from(second))).toBe(0)
})
