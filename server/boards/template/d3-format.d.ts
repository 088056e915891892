/** The part of d3-format that is used here; the package has no types of its own. */
declare module 'd3-format' {
  /** Throws for a specifier that is none. */
  export const format: (specifier: string) => (value: number) => string
}
