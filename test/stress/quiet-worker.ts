/** The thread of a quiet caller, see quiet-caller.ts. */
import { parentPort, workerData } from 'node:worker_threads'
import type { QuietOrder } from './quiet-caller.ts'
import { restCaller } from './server.ts'
import { repeat, Tally } from './tally.ts'

const { url, headers, tool, input, seconds, pauseMs } = workerData as QuietOrder
const call = restCaller(url, headers)
const tally = new Tally()
await repeat(1, seconds, () => tally.call((signal) => call(tool, input, signal)), pauseMs)
// Numbers, texts and a map, which are sent as they are.
parentPort?.postMessage({ ...tally })
