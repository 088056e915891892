import type { QueryTag } from '../query-watch.ts'

/**
 * What the monitoring of the database shows of a query, written before it, where it is not cut off: a comment in the form
 * of sqlcommenter, keys in order and values as in an address.
 */
export const queryComment = ({ tool, requestId }: QueryTag, traceparent?: string): string => {
  const pair = (key: string, value: string | undefined): string => (value === undefined ? '' : `,${key}='${encodeURIComponent(value)}'`)
  return `/*action='${encodeURIComponent(tool)}',application='dataface'${pair('request_id', requestId)}${pair('traceparent', traceparent)}*/ `
}
