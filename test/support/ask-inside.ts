import type { Envelope } from '../../server/envelope/envelope.ts'
import type { Dataface } from '../../server/main.ts'

/** Calls tools as a part of the server does, and reads answers as a caller gets them. */
export interface AskInside {
  call(tool: string, input: unknown): Promise<Envelope>
  /** The data of an answer that must have worked. */
  data<Data = Record<string, unknown>>(tool: string, input: unknown): Promise<Data>
}

export const askInside = ({ dispatcher }: Dataface): AskInside => {
  const call: AskInside['call'] = async (tool, input) => {
    const { signal } = new AbortController()
    return JSON.parse(
      JSON.stringify(await dispatcher.dispatch({ tool, input, door: 'inside', caller: { id: 'test' }, signal })),
    ) as Envelope
  }
  return {
    call,
    async data<Data>(tool: string, input: unknown) {
      const envelope = await call(tool, input)
      if (!envelope.success) throw new Error(JSON.stringify(envelope.errors))
      return envelope.data as Data
    },
  }
}
