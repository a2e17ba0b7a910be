import type { ComponentChildren } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { useKeys } from '../parts/use-keys.tsx'
import type { Size } from './layout/types.ts'
import css from './Graph.module.css'

export interface CanvasProps {
  readonly size: Size
  readonly children: ComponentChildren
  /** Clicked where nothing is. */
  readonly onEmpty: () => void
}

const margin = 14
const smallest = 0.2
const largest = 2
/** Below that a picture that is fitted in at first could not be read; it is scrolled then. */
const smallestAtFirst = 0.62

/** A drawing that is scrolled by what scrolls the page, dragged, and scaled with Ctrl and the wheel, a pinch, `+`, `−`, and `f` to fit. */
export function Canvas({ size, children, onEmpty }: CanvasProps): preact.JSX.Element {
  const view = useRef<HTMLDivElement>(null)
  const width = size.width + 2 * margin
  const height = size.height + 2 * margin
  const [scale, setScale] = useState(1)
  /** What is to stay where it is on the screen when the scale changes: a point of the drawing, and where it is in the view. */
  const anchor = useRef<{ readonly x: number; readonly y: number; readonly left: number; readonly top: number } | undefined>(undefined)

  const fitting = (least: number): number => {
    const { clientWidth = 0, clientHeight = 0 } = view.current ?? {}
    return clientWidth === 0 ? 1 : Math.max(least, Math.min(1.15, clientWidth / width, clientHeight / height))
  }
  const zoom = (factor: number, at?: { readonly clientX: number; readonly clientY: number }): void => {
    const element = view.current
    if (element === null) return
    const next = Math.min(largest, Math.max(smallest, scale * factor))
    const frame = element.getBoundingClientRect()
    const left = at === undefined ? element.clientWidth / 2 : at.clientX - frame.left
    const top = at === undefined ? element.clientHeight / 2 : at.clientY - frame.top
    anchor.current = { x: (element.scrollLeft + left) / scale, y: (element.scrollTop + top) / scale, left, top }
    setScale(next)
  }
  useLayoutEffect(() => setScale(fitting(smallestAtFirst)), [width, height])
  useLayoutEffect(() => {
    const kept = anchor.current
    anchor.current = undefined
    if (kept !== undefined) view.current?.scrollTo(kept.x * scale - kept.left, kept.y * scale - kept.top)
  }, [scale])
  useEffect(() => {
    const element = view.current
    // The browser would scale the whole page; a listener that may stop it cannot be passive.
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      zoom(Math.exp(-event.deltaY / 300), event)
    }
    element?.addEventListener('wheel', onWheel, { passive: false })
    return () => element?.removeEventListener('wheel', onWheel)
  })
  useKeys({
    f: ['fit the graph into the window', () => setScale(fitting(smallest))],
    '+': ['make the graph larger', () => zoom(1.25)],
    '-': ['make the graph smaller', () => zoom(0.8)],
  })

  return (
    <div class={css.canvas}>
      <div ref={view} class={css.view} onPointerDown={drag}>
        <svg class={css.drawing} width={width * scale} height={height * scale} viewBox={`${-margin} ${-margin} ${width} ${height}`} onClick={(event) => event.target === event.currentTarget && onEmpty()} role="presentation">
          {children}
        </svg>
      </div>
      <div class={css.zoom} role="group" aria-label="Size of the graph">
        <button aria-label="Larger" title="+" onClick={() => zoom(1.25)}>
          +
        </button>
        <button aria-label="Smaller" title="−" onClick={() => zoom(0.8)}>
          −
        </button>
        <button title="f" onClick={() => setScale(fitting(smallest))}>
          Fit <kbd>f</kbd>
        </button>
      </div>
    </div>
  )
}

/** Dragging with the mouse where no link is; fingers scroll. */
function drag(event: PointerEvent): void {
  const view = event.currentTarget as HTMLElement
  if (event.button !== 0 || event.pointerType !== 'mouse' || (event.target instanceof Element && event.target.closest('a') !== null)) return
  let at = event
  const move = (next: PointerEvent): void => {
    view.scrollBy(at.clientX - next.clientX, at.clientY - next.clientY)
    at = next
  }
  view.addEventListener('pointermove', move)
  const end = (): void => view.removeEventListener('pointermove', move)
  for (const type of ['pointerup', 'pointercancel', 'pointerleave'] as const) view.addEventListener(type, end, { once: true })
}
