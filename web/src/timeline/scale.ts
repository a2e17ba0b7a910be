import type { Step } from '../../../src/client/web-shapes.ts'

type Times = Step['t']

/** Stretches of a step's lane, as shares of the timeline's width, 0 to 1. */
export interface Lane {
  /** Hatched: its container was made ready. */
  readonly prepare?: Stretch
  /** Outlined: it was ready before its turn. */
  readonly ready?: Stretch
  /** Solid: it ran. */
  readonly ran?: Stretch
  /** Lines: it waited for something. */
  readonly waits: readonly (Stretch & { readonly message: string; readonly ms: number })[]
}

export interface Stretch {
  readonly from: number
  readonly to: number
}

export interface Scale {
  /** Unix ms of the left end. */
  readonly start: number
  readonly ms: number
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
}

/** Clocks of two servers differ; what is recorded further back than that before its build began is shown at the left end. */
const mostAhead = 10 * 60_000

/**
 * Times in the order in which they must have been, whatever clocks said: prepare ≤ ready ≤ turn ≤ start ≤ end. What the process did
 * counts; earlier times move back before it. A step that had to wait for its container has its turn, here, when that was ready.
 */
export function ordered({ prepare, ready, turn, start, end }: Times, now: number): Times {
  const last = end ?? now
  const began = start === undefined ? undefined : Math.min(start, Math.max(last, start))
  const ended = end === undefined ? undefined : Math.max(end, began ?? -Infinity)
  const limit = began ?? ended ?? Infinity
  const at = turn === undefined ? undefined : Math.min(Math.max(turn, ready ?? -Infinity), limit)
  const made = ready === undefined ? undefined : Math.min(ready, at ?? limit)
  const asked = prepare === undefined ? undefined : Math.min(prepare, made ?? at ?? limit)
  return {
    ...(asked !== undefined && { prepare: asked }),
    ...(made !== undefined && { ready: made }),
    ...(at !== undefined && { turn: at }),
    ...(began !== undefined && { start: began }),
    ...(ended !== undefined && { end: ended }),
  }
}

/** From the first thing that happened to the last; `now` while the build runs. */
export function scaleOf(steps: readonly Step[], { began, ended, now }: { readonly began?: number | undefined; readonly ended?: number | undefined; readonly now: number }): Scale {
  let [first, last] = [began ?? Infinity, ended ?? -Infinity]
  for (const { t, waits } of steps) {
    const { prepare, turn, start, end } = ordered(t, now)
    first = Math.min(first, Math.max(prepare ?? Infinity, (began ?? -Infinity) - mostAhead), turn ?? Infinity, start ?? Infinity)
    last = Math.max(last, end ?? start ?? turn ?? -Infinity, ...waits.map(({ to }) => to ?? -Infinity))
  }
  if (ended === undefined) last = Math.max(last, now)
  if (!Number.isFinite(first) || !Number.isFinite(last)) return { start: now, ms: 1_000, ticks: ticksOf(1_000) }
  const ms = Math.max(last - first, 1_000)
  return { start: first, ms, ticks: ticksOf(ms) }
}

export function laneOf({ t, waits, state }: Step, scale: Scale, now: number): Lane {
  const { prepare, ready, turn, start, end } = ordered(t, now)
  const open = state === 'running' || state === 'waiting'
  const stop = end ?? (open ? now : undefined)
  const stretch = (from: number | undefined, to: number | undefined): Stretch | undefined => {
    if (from === undefined || to === undefined || to < from) return undefined
    return { from: share(from, scale), to: share(to, scale) }
  }
  // A step without a process ran from its turn on; so does one whose process has not reported its start yet.
  const began = start ?? (prepare === undefined || state === 'running' ? turn : undefined)
  const hatched = stretch(prepare, ready ?? began ?? stop)
  const outlined = ready !== undefined && (turn === undefined || turn > ready) ? stretch(ready, turn ?? (open || state === 'pending' ? scale.start + scale.ms : end)) : undefined
  const solid = stretch(began, stop)
  return {
    ...(hatched !== undefined && { prepare: hatched }),
    ...(outlined !== undefined && { ready: outlined }),
    ...(solid !== undefined && { ran: solid }),
    waits: waits.flatMap(({ message, from, to }) => {
      const until = Math.max(from, to ?? stop ?? from)
      const found = stretch(from, until)
      return found === undefined ? [] : [{ ...found, message, ms: until - from }]
    }),
  }
}

/** How long it ran, ms. */
export function tookOf({ t, state }: Step, now: number): number | undefined {
  const { turn, start, end } = ordered(t, now)
  const from = start ?? turn
  const to = end ?? (state === 'running' ? now : undefined)
  return from === undefined || to === undefined ? undefined : Math.max(0, to - from)
}

/**
 * How much sooner the build ended since containers were made ready ahead: for each step on the path that took longest, what was done of
 * its container before its turn.
 */
export function savedAhead(steps: readonly Step[], now: number): number {
  const children = new Map<string, Step[]>()
  for (const step of steps) if (step.parent !== undefined) children.set(step.parent, [...(children.get(step.parent) ?? []), step])
  let saved = 0
  const visit = (step: Step): void => {
    const { prepare, ready, turn } = ordered(step.t, now)
    if (prepare !== undefined && turn !== undefined && step.state !== 'pending') saved += Math.max(0, Math.min(ready ?? turn, step.t.turn ?? turn) - prepare)
    const inside = children.get(step.id) ?? []
    const side = step.kind === 'in_parallel' || step.kind === 'across'
    const longest = side ? inside.toSorted((a, b) => endOf(b, children) - endOf(a, children)).slice(0, 1) : inside
    for (const child of longest) visit(child)
  }
  for (const step of steps) if (step.parent === undefined) visit(step)
  return saved
}

function endOf(step: Step, children: ReadonlyMap<string, readonly Step[]>): number {
  return Math.max(step.t.end ?? 0, ...(children.get(step.id) ?? []).map((child) => endOf(child, children)))
}

const share = (at: number, { start, ms }: Scale): number => Math.min(1, Math.max(0, (at - start) / ms))

const intervals = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400].map((s) => s * 1_000)
const mostTicks = 4

function ticksOf(ms: number): Scale['ticks'] {
  const every = intervals.find((interval) => ms / interval <= mostTicks) ?? Math.ceil(ms / mostTicks / 86_400_000) * 86_400_000
  return Array.from({ length: Math.floor(ms / every) + 1 }, (_, index) => ({ at: (index * every) / ms, label: duration(index * every) }))
}

/** `0.06 s`, `12.2 s`, `1 min 8 s`, `2 h 5 min`. */
export function duration(ms: number): string {
  const s = Math.max(0, ms) / 1_000
  if (s === 0) return '0 s'
  if (s < 0.1) return `${Math.max(1, Math.round(ms))} ms`
  if (s < 59.95) return `${Math.round(s * 10) / 10} s`
  const whole = Math.round(s)
  const [big, small, bigName, smallName] = whole < 3_600 ? [Math.floor(whole / 60), whole % 60, 'min', 's'] : whole < 86_400 ? [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60), 'h', 'min'] : [Math.floor(whole / 86_400), Math.floor((whole % 86_400) / 3_600), 'd', 'h']
  return small === 0 ? `${big} ${bigName}` : `${big} ${bigName} ${small} ${smallName}`
}
