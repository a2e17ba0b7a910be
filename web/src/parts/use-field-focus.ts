import type { RefObject } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'

interface FieldFocus<Field extends HTMLElement> {
  readonly field: RefObject<Field | null>
  readonly button: RefObject<HTMLButtonElement | null>
}

/** Where a field takes the place of the button that opens it: the focus goes into the field, and back to the button when that is there again. */
export function useFieldFocus<Field extends HTMLElement>(open: boolean): FieldFocus<Field> {
  const field = useRef<Field>(null)
  const button = useRef<HTMLButtonElement>(null)
  const before = useRef(open)
  useLayoutEffect(() => {
    if (before.current === open) return
    before.current = open
    const next = open ? field : button
    next.current?.focus()
  }, [open])
  return { field, button }
}
