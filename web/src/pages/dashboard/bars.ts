import { worstFirst, type State } from '../../parts/state.ts'

/** Where the bars of a card's jobs stand, by the number of jobs: as large as fits into 196 × 33. */
interface Sizes {
  readonly width: number
  readonly gap: number
  readonly height: number
  readonly inRow: number
  readonly rows: number
}

const room = 196
const sizes: readonly Sizes[] = [
  { width: 13, gap: 3, height: 18, inRow: 12, rows: 1 },
  { width: 10, gap: 3, height: 15, inRow: 15, rows: 2 },
  { width: 5.5, gap: 2, height: 12, inRow: 26, rows: 2 },
  { width: 3, gap: 1, height: 9, inRow: 49, rows: 3 },
  { width: 2, gap: 0.8, height: 5, inRow: 70, rows: 6 },
]
const rowGap = 3

/** Height says how bad: in a small bar colours alone do not carry seven states. */
const heights: Readonly<Record<State, number>> = { failed: 1, errored: 0.8, aborted: 0.6, succeeded: 0.4, paused: 0.4, pending: 0.2, running: 1 }

const states: Readonly<Record<string, State>> = { s: 'succeeded', f: 'failed', e: 'errored', a: 'aborted', p: 'pending', '.': 'paused' }

/** A job's state by its character; a capital: a build of it runs now. */
export const jobState = (char: string): State => (char !== char.toLowerCase() ? 'running' : (states[char] ?? 'pending'))

export interface Bars {
  readonly width: number
  readonly height: number
  /** A path for each state that occurs. */
  readonly paths: readonly { readonly state: State; readonly d: string }[]
}

/** A bar for each job, in the config's order. More jobs than fit: the last bars stand for what is worst among the rest. */
export function bars(jobs: string): Bars {
  const fitting = sizes.find(({ inRow, rows }) => jobs.length <= inRow * rows) ?? sizes.at(-1)
  if (fitting === undefined || jobs.length === 0) return { width: room, height: 0, paths: [] }
  const { width, gap, height, inRow, rows } = fitting
  const shown = folded([...jobs].map(jobState), inRow * rows)
  const paths = new Map<State, string>()
  shown.forEach((state, index) => {
    const x = (index % inRow) * (width + gap)
    const bottom = Math.floor(index / inRow) * (height + rowGap) + height
    paths.set(state, (paths.get(state) ?? '') + bar(state, { x, bottom, width, height }))
  })
  const used = Math.ceil(shown.length / inRow)
  return { width: room, height: used * (height + rowGap) - rowGap, paths: [...paths].map(([state, d]) => ({ state, d })) }
}

/** At most so many: several jobs share a bar when there are more. */
function folded(all: readonly State[], most: number): readonly State[] {
  if (all.length <= most) return all
  return Array.from({ length: most }, (_, index) => {
    const part = all.slice(Math.floor((index * all.length) / most), Math.floor(((index + 1) * all.length) / most))
    return worstFirst.find((state) => part.includes(state)) ?? 'succeeded'
  })
}

interface Box {
  readonly x: number
  readonly bottom: number
  readonly width: number
  readonly height: number
}

function bar(state: State, { x, bottom, width, height: full }: Box): string {
  const height = full * heights[state]
  const rect = `M${short(x)} ${short(bottom - height)}h${short(width)}v${short(height)}h-${short(width)}z`
  if (state === 'running' && width >= 5) {
    const edge = Math.min(2, width / 4)
    return `${rect}M${short(x + edge)} ${short(bottom - height + edge)}v${short(height / 2)}h${short(width - 2 * edge)}v-${short(height / 2)}z`
  }
  // A notch on top: errored is told from failed without its colour.
  if (state === 'errored' && width >= 5) return `${rect}M${short(x + width / 3)} ${short(bottom - full)}h${short(width / 3)}v${short(full * 0.12)}h-${short(width / 3)}z`
  return rect
}

const short = (value: number): string => String(Math.round(value * 10) / 10)
