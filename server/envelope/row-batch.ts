/** Some rows of a result that is sent as a stream. */
export interface RowBatch {
  /** Each row as a JSON array and a line feed, UTF-8. */
  readonly lines: Buffer
  readonly rowCount: number
}
