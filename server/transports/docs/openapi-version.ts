interface Document {
  readonly paths: Readonly<Record<string, unknown>>
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** The document with the operations of one version of the contracts, each tool at its newest version up to it, and what they refer to. */
export const openapiOfVersion = (text: string, version: number): string => {
  const document = JSON.parse(text) as Document
  const tools = Object.keys(document.paths).flatMap((path) => {
    const [, major, tool] = /^\/api\/v(\d+)\/(\w+)$/.exec(path) ?? []
    return tool === undefined ? [] : [{ path, tool, major: Number(major) }]
  })
  const isServed = (path: string): boolean => {
    const one = tools.find((tool) => tool.path === path)
    if (one === undefined) return true
    return one.major <= version && !tools.some(({ tool, major }) => tool === one.tool && major <= version && major > one.major)
  }
  const paths = Object.fromEntries(Object.entries(document.paths).filter(([path]) => isServed(path)))
  const named = namedFrom(paths, document.components)
  // Ways to give credentials are named, not referred to.
  const isKept = (kind: string, name: string): boolean => kind === 'securitySchemes' || named.has(`${kind}/${name}`)
  const components = Object.entries(document.components).map(([kind, parts]) => [
    kind,
    Object.fromEntries(Object.entries(parts).filter(([name]) => isKept(kind, name))),
  ])
  return JSON.stringify({ ...document, paths, components: Object.fromEntries(components) })
}

/** The components that a part of the document refers to, also through others: `schemas/Meta`. */
const namedFrom = (part: unknown, components: Document['components'], found: Set<string> = new Set()): ReadonlySet<string> => {
  for (const [, kind = '', name = ''] of JSON.stringify(part).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)) {
    if (found.has(`${kind}/${name}`)) continue
    found.add(`${kind}/${name}`)
    namedFrom(components[kind]?.[name], components, found)
  }
  return found
}
