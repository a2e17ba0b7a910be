import css from './BuildBars.module.css'
import type { State } from './state.ts'

export interface BuildBarsProps {
  /** The oldest first; undefined: there was no build. */
  readonly states: readonly (State | undefined)[]
  readonly width: number
  readonly height: number
}

/** How bad a state is, as the height of its bar: what failed is seen without its colour. */
const heights: Readonly<Record<State, number>> = { failed: 1, errored: 0.8, aborted: 0.6, running: 0.7, pending: 0.3, paused: 0.3, succeeded: 0.4 }

/** The last builds as bars. */
export function BuildBars({ states, width, height }: BuildBarsProps): preact.JSX.Element {
  const pitch = width / Math.max(1, states.length)
  const wide = Math.max(1, pitch - Math.min(3, pitch / 4))
  return (
    <svg class={css.bars} width={width} height={height} role="img" aria-label={summary(states)}>
      {states.map((state, index) => {
        const high = height * (state === undefined ? 0.2 : heights[state])
        const at = { x: index * pitch, y: height - high, width: wide, height: high }
        if (state === undefined) return <rect key={index} class={css.never} {...at} />
        if (state === 'running') return <path key={index} class={css.running} d={`M${at.x},${at.y}h${wide}v${high}h${-wide}zm1.5,1.5v${high / 2 - 1.5}h${wide - 3}v${-(high / 2 - 1.5)}z`} fill-rule="evenodd" />
        return (
          <g key={index} class={css[state]}>
            <rect {...at} />
            {state === 'errored' && <rect x={at.x + wide / 2 - 1.5} y="0" width="3" height={height * 0.14} />}
          </g>
        )
      })}
    </svg>
  )
}

function summary(states: readonly (State | undefined)[]): string {
  const built = states.filter((state) => state !== undefined)
  const counts = Map.groupBy(built, (state) => state)
  return built.length === 0 ? 'no builds yet' : `last ${built.length} builds: ${[...counts].map(([state, of]) => `${of.length} ${state}`).join(', ')}`
}
