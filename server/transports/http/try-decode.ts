/** A text as it was before it became part of an address; undefined where it cannot have become one. */
export const tryDecode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
