/** Who calls. Identity comes from the door's credentials, never from an argument that a model fills. */
export interface Caller {
  /** Tells callers apart, for fair turns, limits and the audit: `key:4f0q2m8d`, `user:alice`. */
  readonly id: string
  /** What it may call; see scope.ts. Undefined: everything. */
  readonly scopes?: readonly string[] | undefined
}

/** Whoever is on this machine, where no credentials are asked for. */
export const localCaller: Caller = { id: 'local' }
