interface Exporter {
  export(items: never, done: (result: { readonly code: number; readonly error?: Error }) => void): void
}

/** Calls `tell` for every export that fails. */
export const tellFailures = <T extends Exporter>(exporter: T, tell: (error: Error | undefined) => void): T => {
  const send = exporter.export.bind(exporter)
  exporter.export = (items, done) =>
    send(items, (result) => {
      if (result.code !== 0) tell(result.error)
      done(result)
    })
  return exporter
}
