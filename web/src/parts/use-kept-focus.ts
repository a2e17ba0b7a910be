import type { RefObject } from 'preact'
import { useLayoutEffect } from 'preact/hooks'

/**
 * Moves the focus on where what has it is removed, since Tab would begin at the top of the page again: to what stood around it, never to
 * another button, which a second Enter would press.
 */
export function useKeptFocus(holder: RefObject<HTMLElement | null>): void {
  useLayoutEffect(() => () => {
    const element = holder.current
    if (element === null || document.activeElement !== element) return
    const around: HTMLElement[] = []
    for (let one = element.parentElement; one !== null && one !== document.body; one = one.parentElement) if (one.matches(places)) around.push(one)
    queueMicrotask(() => {
      const place = document.activeElement === document.body ? around.find(({ isConnected }) => isConnected) : undefined
      const to = place?.matches('main') === true ? place.querySelector('h1') : place
      to?.setAttribute('tabindex', '-1')
      to?.focus({ preventScroll: true })
    })
  }, [])
}

const places = 'li, tr, section, aside, dialog, main'
