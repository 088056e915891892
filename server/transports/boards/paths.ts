/** Where pages hear of boards that change. */
export const boardFeedPath = '/boards-events'

/** The part of an address that names a board: without the folder and the ending that boards have by default. */
export const canonicalPath = (path: string): string =>
  path
    .replace(/^boards\//, '')
    .replace(/\.yml$/, '')
    .split('/')
    .map(encodeURIComponent)
    .join('/')

/** The paths that an address may mean, the first that is there counts. */
export const pathsOfAddress = (address: string): string[] => [`boards/${address}`, address]
