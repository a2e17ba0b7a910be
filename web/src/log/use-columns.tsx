import type { RefObject } from 'preact'
import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { TimeKind } from './times.ts'

/** Widths of LogPane.module.css: number, time, and what is left free at the right. */
const [numberWidth, timeWidth, right] = [70, 74, 14]
const narrow = { below: 700, numberWidth: 52, timeWidth: 58 }

/** How many characters fit beside each other, and how high the scroller is; 0 until it is measured. */
export function useColumns(scroller: RefObject<HTMLDivElement | null>, times: TimeKind): { readonly columns: number; readonly viewHeight: number; readonly probe: RefObject<HTMLSpanElement | null> } {
  const probe = useRef<HTMLSpanElement>(null)
  const [size, setSize] = useState({ columns: 0, viewHeight: 0 })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return undefined
    const measure = (): void => {
      const character = (probe.current?.getBoundingClientRect().width ?? 0) / 100
      if (character === 0) return
      const isNarrow = innerWidth <= narrow.below
      const gutter = (isNarrow ? narrow.numberWidth : numberWidth) + (times === 'off' ? 0 : isNarrow ? narrow.timeWidth : timeWidth)
      const columns = Math.max(10, Math.floor((element.clientWidth - gutter - right) / character))
      setSize((known) => (known.columns === columns && known.viewHeight === element.clientHeight ? known : { columns, viewHeight: element.clientHeight }))
    }
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    measure()
    return () => observer.disconnect()
  }, [times])
  return { ...size, probe }
}
