/** The process of a quiet caller, see quiet-caller.ts. */
import { once } from 'node:events'
import type { QuietOrder } from './quiet-caller.ts'
import { restCaller } from './server.ts'
import { repeat, Tally } from './tally.ts'

const warmSeconds = 0.5

const [order] = (await once(process, 'message')) as [QuietOrder]
const { url, headers, tool, input, seconds, pauseMs } = order
const call = restCaller(url, headers)
const callFor = async (time: number): Promise<Tally> => {
  const tally = new Tally()
  await repeat(1, time, () => tally.call((signal) => call(tool, input, signal)), pauseMs)
  return tally
}
// The first calls of a process are its own delay.
await callFor(warmSeconds)
const tally = await callFor(seconds)
// Numbers, texts and a map, which are sent as they are.
process.send?.({ ...tally }, () => process.disconnect())
