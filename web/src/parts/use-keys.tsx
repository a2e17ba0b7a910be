import { useEffect, useRef } from 'preact/hooks'
import { keysAreOn, offerKeys } from './keys.ts'

/** What a key does, for people, and doing it. `once`: not again while it is held. */
export type Key = readonly [does: string, call: () => void, once?: 'once']

/** Keys by what is typed: `e`, `E`, `gg`. */
export type Keys = Readonly<Record<string, Key>>

/** Calls what a key stands for while the component is shown, except while something is typed into a field; the list of keys has it. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys)
  current.current = keys
  const none = Object.keys(keys).length === 0
  useEffect(() => {
    if (none) return undefined
    let before = ''
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !keysAreOn()) return
      if (event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable], dialog') !== null) return
      const pair = before + event.key
      before = event.key
      const key = current.current[pair] ?? current.current[event.key]
      if (key === undefined) return
      if (current.current[pair] !== undefined) before = ''
      event.preventDefault()
      if (key[2] === undefined || !event.repeat) key[1]()
    }
    addEventListener('keydown', onKey)
    const withdraw = offerKeys(() => Object.entries(current.current).map(([typed, [does]]) => ({ typed, does, call: () => current.current[typed]?.[1]() })))
    return () => {
      withdraw()
      removeEventListener('keydown', onKey)
    }
  }, [none])
}
