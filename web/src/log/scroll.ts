/** Browsers cut elements that are taller. */
export const tallest = 8_000_000

/** How rows of a log and pixels of its scroller belong together. Above `tallest` a pixel of the scrollbar is more than one. */
export interface Scroll {
  readonly rows: number
  readonly rowHeight: number
  readonly viewHeight: number
}

export const contentHeight = ({ rows, rowHeight }: Scroll): number => Math.min(rows * rowHeight, tallest)

const isScaled = ({ rows, rowHeight }: Scroll): boolean => rows * rowHeight > tallest

/** The row at the top, with its fraction. */
export function topRow(scroll: Scroll, scrollTop: number): number {
  if (!isScaled(scroll)) return scrollTop / scroll.rowHeight
  const share = scrollTop / Math.max(1, tallest - scroll.viewHeight)
  return Math.min(1, share) * (scroll.rows - scroll.viewHeight / scroll.rowHeight)
}

/** Where to scroll to so that a row is at the top. */
export function scrollTopOf(scroll: Scroll, row: number): number {
  if (!isScaled(scroll)) return row * scroll.rowHeight
  const last = scroll.rows - scroll.viewHeight / scroll.rowHeight
  return (Math.min(row, last) / last) * (tallest - scroll.viewHeight)
}

/** Where in the content a row is put, while `scrollTop` is what is seen. */
export const offsetOf = (scroll: Scroll, row: number, scrollTop: number): number =>
  isScaled(scroll) ? scrollTop + (row - topRow(scroll, scrollTop)) * scroll.rowHeight : row * scroll.rowHeight
