import type { Card } from '../../api/types.ts'
import { cutInMiddle } from '../../parts/middle.ts'
import { ageText } from '../../parts/time.ts'

const mostOfName = 20

/** What a card says of its pipeline: `unit failed 4 min ago`, `green 2 h`. */
export function sentence(card: Card, now: number): string {
  const { kind, at, text } = card.n
  // What happened is said behind it, and has to be seen.
  const job = card.n.job === undefined ? undefined : cutInMiddle(card.n.job, mostOfName)
  const time = at === undefined ? undefined : ageText(now - at)
  const ago = time === undefined ? '' : ` ${time} ago`
  if (card.archived === true) return 'archived'
  switch (kind) {
    case 'paused':
      return pausedSentence(card, now)
    case 'failed':
    case 'errored': {
      const bad = [...card.jobs].filter((char) => 'feFE'.includes(char)).length
      if (text !== undefined) return text
      if (bad > 1) return `${bad} failing${time === undefined ? '' : `, ${time} ago`}`
      return `${job ?? 'a job'} ${kind}${ago}`
    }
    case 'aborted':
      return `${job ?? 'a job'} aborted${ago}`
    case 'running':
      return `${job ?? 'a job'} running${time === undefined ? '' : ` for ${time}`}`
    case 'check':
      return `check of ${job ?? 'a resource'} fails${text === undefined ? '' : `: ${text}`}`
    case 'succeeded':
      return `green${time === undefined ? '' : ` for ${time}`}`
    case 'pending':
      return `${job ?? 'a job'} waits`
    case 'new':
      return 'never ran'
  }
}

/** `paused by kim, 3 d: “freeze”`. */
function pausedSentence({ paused }: Card, now: number): string {
  const by = paused?.by === undefined ? '' : ` by ${paused.by}`
  const since = paused?.at === undefined ? '' : `, ${ageText(now - paused.at)}`
  const why = paused?.why === undefined ? '' : `: “${paused.why}”`
  return `paused${by}${since}${why}`
}
