let end: Promise<void> | undefined

/** Resolves once everything that has arrived by now was dealt with, for all who ask in one turn of the event loop together. */
export const endOfTurn = (): Promise<void> => {
  end ??= new Promise((resolve) =>
    setImmediate(() => {
      end = undefined
      resolve()
    }),
  )
  return end
}
