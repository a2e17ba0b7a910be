export interface Size {
  readonly width: number
  readonly height: number
}

export interface Point {
  readonly x: number
  readonly y: number
}

export type Box = Size & Point

export interface Layout extends Size {
  /** Of each node. */
  readonly boxes: readonly Box[]
  /** Of each edge, from the right side of a box to the left side of another: an even number of points, from every second of which it is level to the next. */
  readonly lines: readonly (readonly Point[])[]
  readonly crossings: number
}
