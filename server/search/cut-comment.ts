/** Longest comment in a list, characters; describe_table gives it whole. */
const commentLength = 200

/** A comment as lists show it: cut with … where it is longer than 200 characters, and never within one. */
export const cutComment = (comment: string): string =>
  comment.length <= commentLength ? comment : `${comment.slice(0, commentLength - 1).replace(/[\ud800-\udbff]$/, '')}…`
