import type { Image, Step } from '../../api/types.ts'
import { aheadOf } from '../../timeline/ahead.ts'
import { duration } from '../../timeline/scale.ts'

/** How the digest was found. */
export const byText: Readonly<Record<Image['by'], string>> = {
  check: 'by a check',
  pin: 'pinned in the config',
  tag: 'by its tag',
  node: 'found by its node',
  artifact: 'an artifact of the build',
  'base-type': 'of a base type',
}

/** `sha256:9c1e4f0b…a27d`. */
export const shortDigest = (digest: string): string => (digest.length <= 28 ? digest : `${digest.slice(0, 15)}…${digest.slice(-4)}`)

export const requestsText = ({ by, requests, ms }: Image): string => `${byText[by]}: ${requests} ${requests === 1 ? 'request' : 'requests'}${ms === undefined ? '' : `, ${duration(ms)}`}`

/** Strangers are not told which node it is. */
export function pullText({ pull }: Image): string | undefined {
  if (pull === undefined) return undefined
  const where = pull.node ?? 'its node'
  return pull.cached ? `was on ${where}` : pull.ms === undefined ? `pulled on ${where}` : `${where} pulled it in ${duration(pull.ms)}`
}

interface Among {
  /** All of the build. */
  readonly steps: readonly Step[]
  readonly now: number
}

/** How much of the pull nobody waited for: `hidden behind task lint`. Undefined: it was not pulled, or it is not known. */
export function hiddenText(step: Step, { steps, now }: Among): string | undefined {
  const ahead = step.image?.pull?.cached === false ? aheadOf(step, steps, { until: 'pulled', now }) : undefined
  if (ahead === undefined) return undefined
  const { ms, hiddenMs, behind } = ahead
  if ((step.t.prepare ?? 0) >= (step.t.turn ?? Infinity)) return 'when its turn had come'
  const hidden = behind.length === 0 ? 'before its turn' : `hidden behind ${namesOf(behind)}`
  return hiddenMs >= ms ? hidden : `${hidden}, but for ${duration(ms - hiddenMs)}`
}

/** When the container was asked for: `9.8 s before its turn, while task lint ran`. Undefined: it never was, or the turn has not come. */
export function askedText(step: Step, { steps, now }: Among): string | undefined {
  const { prepare, turn } = step.t
  if (prepare === undefined || turn === undefined) return undefined
  if (prepare >= turn) return 'when its turn had come'
  const behind = aheadOf(step, steps, { until: 'ready', now })?.behind ?? []
  return `${duration(turn - prepare)} before its turn${behind.length === 0 ? '' : `, while ${namesOf(behind)} ran`}`
}

/** When the container was ready: `after 11.2 s, 2.3 s before its turn`. */
export function readyText({ t: { prepare, ready, turn } }: Step): string | undefined {
  if (prepare === undefined || ready === undefined) return undefined
  const after = `after ${duration(ready - prepare)}`
  if (turn === undefined) return `${after}; its turn has not come`
  return ready <= turn ? `${after}, ${duration(turn - ready)} before its turn` : `${after}: the step waited ${duration(ready - Math.max(turn, prepare))} for it`
}

const mostNames = 2

/** `task lint, get repo and 2 more`. */
function namesOf(steps: readonly Step[]): string {
  const names = steps.slice(0, mostNames).map(({ kind, name = '' }) => `${kind} ${name}`.trim())
  const more = steps.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(' and ')
}

export function bytesText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  const [unit, of] = bytes < 1e6 ? (['kB', 1e3] as const) : bytes < 1e9 ? (['MB', 1e6] as const) : (['GB', 1e9] as const)
  return `${(bytes / of).toFixed(1)} ${unit}`
}
