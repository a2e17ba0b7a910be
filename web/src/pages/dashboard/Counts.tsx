import type { Card } from '../../api/types.ts'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { countsOf, countText } from './counts.ts'
import css from './DashboardPage.module.css'
import { hasWord } from './model.ts'

export interface CountsProps {
  /** Those that are not archived. */
  readonly cards: readonly Card[]
  readonly search: string
  readonly onToggle: (word: string) => void
}

/** How many pipelines are failing, errored, running, paused; each filters. */
export function Counts({ cards, search, onToggle }: CountsProps): preact.JSX.Element {
  const counts = countsOf(cards)
  return (
    <>
      {(['failed', 'errored', 'running', 'paused'] as const).map((state) => {
        const word = `status:${state}`
        const pressed = hasWord(search, word)
        if (counts[state] === 0 && !pressed) return null
        return (
          <button key={state} class={css.count} aria-pressed={pressed} onClick={() => onToggle(word)}>
            <StateIcon state={state} label="" still />
            {countText(counts[state], state)}
          </button>
        )
      })}
    </>
  )
}
