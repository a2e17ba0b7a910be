import { isReading } from '../store/reading.ts'

let stop = (): void => undefined

/** What a person scrolls with. */
const byHand = ['wheel', 'touchmove', 'pointerdown', 'keydown'] as const

/** Frames: an answer is rendered in the next one, and what its components ask for is asked after that. */
const quietFrames = 5

/**
 * Scrolls to where the page was left, and again whenever it grows by what it still reads, until all is read or somebody scrolls or goes
 * on. Until then the browser must not keep the lines in view that are there (scroll anchoring): they are not those that were.
 */
export function restoreScroll(top: number): void {
  stop()
  scrollTo(0, top)
  if (top === 0) return
  const { style } = document.documentElement
  style.overflowAnchor = 'none'
  let at = scrollY
  let frame = 0
  let quiet = 0
  const look = (): void => {
    const end = document.documentElement.scrollHeight - innerHeight
    // By other means than these: the bar, a text that is found.
    if (Math.abs(scrollY - at) > 1 && scrollY < end - 1) return stop()
    quiet = isReading() ? 0 : quiet + 1
    if (quiet <= quietFrames) frame = requestAnimationFrame(look)
    // A page that is shorter than it was may grow by what a worker makes: that is seen by its size.
    else if (Math.abs(scrollY - top) <= 1) stop()
  }
  const observer = new ResizeObserver(() => {
    scrollTo(0, top)
    at = scrollY
    quiet = 0
    cancelAnimationFrame(frame)
    frame = requestAnimationFrame(look)
  })
  stop = () => {
    cancelAnimationFrame(frame)
    observer.disconnect()
    style.overflowAnchor = ''
    for (const event of byHand) removeEventListener(event, stop)
    stop = () => undefined
  }
  observer.observe(document.body)
  for (const event of byHand) addEventListener(event, stop, { passive: true })
  frame = requestAnimationFrame(look)
}
