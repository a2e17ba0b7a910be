import type { State } from './state.ts'

/** As StateIcon draws them, in colours that stand out on light and dark tabs: an icon of a tab reads no style of the page. */
const shapes: Readonly<Record<State, string>> = {
  succeeded: '<circle cx="8" cy="8" r="7.5" fill="#0d9e84"/><path d="M4.5 8.3l2.4 2.4 4.6-5" fill="none" stroke="#fff" stroke-width="2"/>',
  failed: '<rect x=".5" y=".5" width="15" height="15" rx="2" fill="#c81e33"/><path d="M5 5l6 6M11 5l-6 6" stroke="#fff" stroke-width="2"/>',
  errored: '<path d="M8 .5l7.8 14.5H.2z" fill="#d2700f"/><path d="M8 5.5v4.5M8 11.4v1.7" stroke="#fff" stroke-width="2"/>',
  aborted: '<circle cx="8" cy="8" r="6.5" fill="none" stroke="#9a5cbf" stroke-width="2.5"/><path d="M3.8 12.2L12.2 3.8" stroke="#9a5cbf" stroke-width="2.5"/>',
  running: '<circle cx="8" cy="8" r="6.5" fill="none" stroke="#c79d12" stroke-width="2.5" stroke-dasharray="28 13"/><path d="M6.3 4.7l4.6 3.3-4.6 3.3z" fill="#c79d12"/>',
  pending: '<circle cx="8" cy="8" r="6.5" fill="none" stroke="#7d8691" stroke-width="2" stroke-dasharray="2.8 2"/><path d="M8 4.6v3.6l2.4 1.6" fill="none" stroke="#7d8691" stroke-width="1.8"/>',
  paused: '<rect x=".5" y=".5" width="15" height="15" rx="4" fill="#4179d8"/><path d="M6 4.5v7M10 4.5v7" stroke="#fff" stroke-width="2.2"/>',
}

export const iconOf = (state: State): string => `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">${shapes[state]}</svg>`)}`

let own: string | undefined

/** Shows a state in the tab; undefined: Airside's own icon. */
export function showFavicon(state: State | undefined): void {
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]')
  if (link === null) return
  own ??= link.href
  const wanted = state === undefined ? own : iconOf(state)
  if (link.href !== wanted) link.href = wanted
}
