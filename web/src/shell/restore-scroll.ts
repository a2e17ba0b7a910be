let stop = (): void => undefined

/** What a person scrolls with. */
const byHand = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const

/** Scrolls to where the page was left; again while the page grows by what it still reads, until somebody scrolls or goes on. */
export function restoreScroll(top: number): void {
  stop()
  scrollTo(0, top)
  if (isAt(top)) return
  const observer = new ResizeObserver(() => {
    scrollTo(0, top)
    if (isAt(top)) stop()
  })
  const end = (): void => {
    observer.disconnect()
    for (const event of byHand) removeEventListener(event, end)
    stop = () => undefined
  }
  stop = end
  observer.observe(document.body)
  for (const event of byHand) addEventListener(event, end, { passive: true })
}

/** Positions may be fractions. */
const isAt = (top: number): boolean => Math.abs(scrollY - top) <= 1
