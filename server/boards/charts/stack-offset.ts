/** How marks of one place are stacked; null where they are not. */
export type StackOffset = 'zero' | 'normalize' | 'center' | null

/** What a style asks for; `unasked` where it says nothing. */
export const stackOffset = (stack: boolean | 'none' | NonNullable<StackOffset> | undefined, unasked: StackOffset): StackOffset => {
  if (stack === undefined) return unasked
  return stack === true ? 'zero' : stack === false || stack === 'none' ? null : stack
}
