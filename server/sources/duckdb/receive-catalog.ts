import type { SourceCatalog, SourceObjects } from '../source.ts'

/** Objects as they cross to the server, in JSON: sets are lists. */
export type SentObjects = Omit<SourceObjects, 'builtinFunctions' | 'engineFunctions' | 'engineTypes'> & {
  readonly engineFunctions: readonly string[]
  readonly engineTypes: readonly string[]
}

export type SentCatalog = Omit<SourceCatalog, 'objects'> & { readonly objects: SentObjects }

/** The metadata as the child has sent it. */
export const receiveCatalog = ({ objects, ...catalog }: SentCatalog): SourceCatalog => ({
  ...catalog,
  objects: {
    ...objects,
    builtinFunctions: new Set(),
    engineFunctions: new Set(objects.engineFunctions),
    engineTypes: new Set(objects.engineTypes),
  },
})
