import { useEffect, useRef } from 'preact/hooks'

/** Keys by what is typed: `e`, `E`, `gg`. */
export type Keys = Readonly<Record<string, () => void>>

/** WCAG 2.1.4: somebody who dictates can switch single keys off. */
const areOn = (): boolean => localStorage.getItem('airside.keys') !== 'off'

/** Calls what a key stands for, while nothing is typed into a field. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys)
  current.current = keys
  useEffect(() => {
    let before = ''
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !areOn()) return
      if (event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable], dialog') !== null) return
      const pair = before + event.key
      before = event.key
      const call = current.current[pair] ?? current.current[event.key]
      if (call === undefined) return
      if (current.current[pair] !== undefined) before = ''
      event.preventDefault()
      call()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [])
}
