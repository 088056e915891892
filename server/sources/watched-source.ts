import type { QueryWatch } from './query-watch.ts'
import type { RowStream, Source } from './source.ts'

/** A source whose queries tell their watch how they end. That their turn has come is told by whoever gives turns. */
export const watchedSource = (source: Source): Source => ({
  ...source,
  async query(query) {
    const { watch } = query
    if (watch === undefined) return source.query(query)
    try {
      const result = await source.query(query)
      watch.onEnd()
      return result
    } catch (error) {
      watch.onEnd(error)
      throw error
    }
  },
  async stream(query) {
    const { watch } = query
    if (watch === undefined) return source.stream(query)
    try {
      return watchedStream(await source.stream(query), watch)
    } catch (error) {
      watch.onEnd(error)
      throw error
    }
  },
})

/** Over with its last row, or with what ended it before. */
const watchedStream = ({ columns, read }: RowStream, { onEnd }: QueryWatch): RowStream => ({
  columns,
  async read() {
    try {
      const next = await read()
      if ('end' in next) onEnd()
      return next
    } catch (error) {
      onEnd(error)
      throw error
    }
  },
})
