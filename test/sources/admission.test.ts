import { describe, expect, test } from 'vitest'
import { Admission } from '../../server/sources/admission.ts'

const never = new AbortController().signal

describe('admission', () => {
  test('callers take turns, whoever sends more', async () => {
    const admission = new Admission(1)
    expect(admission.enter('busy', never)).toBeUndefined()
    const order: string[] = []
    const wait = (caller: string, name: string) => admission.enter(caller, never)?.then(() => order.push(name))
    const waits = [
      ...['b1', 'b2', 'b3', 'b4'].map((name) => wait('busy', name)),
      wait('quiet', 'q1'),
      wait('other', 'o1'),
      wait('quiet', 'q2'),
    ]
    for (const _ of waits) admission.leave()
    await Promise.all(waits)
    expect(order).toEqual(['b1', 'q1', 'o1', 'b2', 'q2', 'b3', 'b4'])
    admission.leave()
    expect(admission.enter('anyone', never)).toBeUndefined()
  })

  test('one caller may fill its own queue only; what is over is refused at once', async () => {
    const admission = new Admission(1)
    admission.enter('busy', never)
    const waiting = Array.from({ length: 40 }, () => admission.enter('busy', never) as Promise<void>)
    const refused = await Promise.allSettled(waiting.slice(32))
    for (const one of refused)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'RATE_LIMITED', details: { retryAfterMs: 1_000 } } })
    const quiet = admission.enter('quiet', never)
    for (let left = 0; left < 2; left++) admission.leave()
    await quiet
  })

  test('one whose caller has gone before it comes does not wait', async () => {
    const admission = new Admission(1)
    admission.enter('a', never)
    await expect(admission.enter('a', AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
  })

  test('one that is cancelled leaves its place to the next', async () => {
    const admission = new Admission(1)
    admission.enter('a', never)
    const gone = new AbortController()
    const first = admission.enter('a', gone.signal)
    const second = admission.enter('a', never)
    gone.abort(new Error('gone'))
    await expect(first).rejects.toThrow('gone')
    admission.leave()
    await second
  })
})
