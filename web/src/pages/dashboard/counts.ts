import type { Card } from '../../api/types.ts'

export const isRunning = ({ jobs }: Card): boolean => /[A-Z]/.test(jobs)
export const isFailing = ({ s }: Card): boolean => s === 'failed' || s === 'errored'

/** Pipelines by what the dashboard counts. One that is failed, errored or paused may run as well. */
export function countsOf(cards: readonly Card[]): Readonly<Record<'failed' | 'errored' | 'running' | 'paused', number>> {
  const counts = { failed: 0, errored: 0, running: 0, paused: 0 }
  for (const card of cards) {
    if (isRunning(card)) counts.running += 1
    if (card.s === 'failed' || card.s === 'errored' || card.s === 'paused') counts[card.s] += 1
  }
  return counts
}

/** `214 pipelines · 9 failing · 11 running`. */
export function summaryOf(cards: readonly Card[]): string {
  const counts = countsOf(cards)
  const parts = (['failed', 'errored', 'running'] as const).filter((state) => counts[state] > 0).map((state) => countText(counts[state], state))
  const green = cards.every(({ s }) => s === 'succeeded')
  return [pipelines(cards.length), ...(parts.length > 0 ? parts : green ? ['all green'] : [])].join(' · ')
}

/** `9 failing`. */
export const countText = (count: number, state: string): string => `${grouped(count)} ${state === 'failed' ? 'failing' : state}`

/** `1 000 pipelines`. */
export const pipelines = (count: number): string => `${grouped(count)} ${count === 1 ? 'pipeline' : 'pipelines'}`

/** Thousands are set apart by a space at which no line breaks. */
export const grouped = (count: number): string => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, '\u00a0')
