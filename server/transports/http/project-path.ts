/** What stands before the paths of a project where a server has several; its name fits an address as it is. */
export const projectPath = (name: string): string => `/p/${name}`

/** What of an address stands before the paths of its project: `/p/sales`, or nothing. */
export const basePath = (url: string): string => {
  const name = projectOfPath(new URL(url).pathname)
  return name === undefined ? '' : projectPath(name)
}

/** The project that an address names; undefined when it names none. */
export const projectOfPath = (path: string): string | undefined => /^\/p\/([^/?#]+)(?=[/?#]|$)/.exec(path)?.[1]
