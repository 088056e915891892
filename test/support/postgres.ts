import { inject } from 'vitest'

declare module 'vitest' {
  interface ProvidedContext {
    /** Connection string of the test cluster's superuser, to database `postgres`. */
    postgres: string
  }
}

/** A connection string to the test cluster: by default the superuser in the fixture database. */
export const postgresUrl = (database = 'fixture', login?: { user: string; password: string }): string => {
  const url = new URL(inject('postgres'))
  url.pathname = `/${database}`
  if (login !== undefined) {
    url.username = login.user
    url.password = login.password
  }
  return url.href
}

/** The login that may only read the fixture. */
export const reader = { user: 'reader', password: 'reader-Pa55word' }
