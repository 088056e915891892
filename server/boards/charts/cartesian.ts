/** The pixels that a plot has, its axes and legend included. */
export interface Room {
  readonly width: number
  readonly height: number
}
