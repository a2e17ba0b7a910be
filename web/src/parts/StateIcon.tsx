import { useLayoutEffect, useRef } from 'preact/hooks'
import css from './StateIcon.module.css'
import { states, type State } from './state.ts'

const shapes: Readonly<Record<State, preact.JSX.Element>> = {
  succeeded: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.5 8.3l2.4 2.4 4.6-5" fill="none" stroke="var(--on-state)" stroke-width="1.8" />
    </>
  ),
  failed: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="2" fill="currentColor" />
      <path d="M5 5l6 6M11 5l-6 6" stroke="var(--on-state)" stroke-width="1.8" />
    </>
  ),
  errored: (
    <>
      <path d="M8 1l7.4 13.5H.6z" fill="currentColor" />
      <path d="M8 5.5v4.5M8 11.4v1.7" stroke="var(--on-state)" stroke-width="1.8" />
    </>
  ),
  aborted: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" />
      <path d="M4 12L12 4" stroke="currentColor" stroke-width="2" />
    </>
  ),
  running: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" stroke-dasharray="26 12" />
      <path d="M6.5 5l4 3-4 3z" fill="currentColor" />
    </>
  ),
  pending: (
    <>
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="2.6 2" />
      <path d="M8 5v3.2l2 1.4" fill="none" stroke="currentColor" stroke-width="1.4" />
    </>
  ),
  paused: (
    <>
      <rect x="1" y="1" width="14" height="14" rx="4" fill="currentColor" />
      <path d="M6 4.5v7M10 4.5v7" stroke="var(--on-state)" stroke-width="2" />
    </>
  ),
}

/** The shapes, once in the page; StateIcon refers to them, so that an icon is two nodes. */
export const StateShapes = (): preact.JSX.Element => (
  <svg width="0" height="0" class={css.shapes} aria-hidden="true">
    <defs>
      {states.map((state) => (
        <symbol key={state} id={`state-${state}`} viewBox="0 0 16 16">
          {shapes[state]}
        </symbol>
      ))}
    </defs>
  </svg>
)

export interface StateIconProps {
  readonly state: State
  /** What is read out instead of the state's name; `''`: nothing, where a word beside it says it. */
  readonly label?: string
  /** It names a state, as in a legend: nothing runs there. */
  readonly still?: boolean
}

const spoken = (label: string) => (label === '' ? { 'aria-hidden': true as const } : { role: 'img' as const, 'aria-label': label })

export function StateIcon({ state, label = state, still }: StateIconProps): preact.JSX.Element {
  if (state === 'running' && !still) return <Running label={label} />
  return (
    <svg class={`${css.icon} ${css[state]}`} {...spoken(label)}>
      <use href={`#state-${state}`} />
    </svg>
  )
}

/** Icons that move at the same time: each costs a page some of its processor time as long as it is shown. */
const mostMoving = 40
let moving = 0

/** Turns, where few enough do, and nobody has asked for less motion. */
function Running({ label }: { readonly label: string }): preact.JSX.Element {
  const icon = useRef<SVGSVGElement>(null)
  useLayoutEffect(() => {
    if (moving >= mostMoving) return undefined
    moving++
    icon.current?.classList.add(css.moving ?? '')
    return () => {
      moving--
    }
  }, [])
  return (
    <svg ref={icon} class={`${css.icon} ${css.running}`} {...spoken(label)}>
      <use href="#state-running" />
    </svg>
  )
}
