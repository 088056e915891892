/** What a mark gives to the SQL of its drill. */
export const markNames = ['x', 'color'] as const
