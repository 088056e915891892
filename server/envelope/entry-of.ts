/** An entry of a block by its own keys; what every object has, such as `constructor`, is none. */
export const entryOf = <Value>(block: Readonly<Record<string, Value>> | undefined, key: string): Value | undefined =>
  block !== undefined && Object.hasOwn(block, key) ? block[key] : undefined
