import { useState } from 'preact/hooks'
import type { Wall } from '../../api/types.ts'
import { Panel } from '../../parts/Panel.tsx'
import { durationText } from '../../parts/time.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { clearWall, setWall } from '../../store/admin-actions.ts'
import { useAnswer } from '../../store/use-answer.ts'
import css from '../../parts/Fields.module.css'

const nanosecondsInMs = 1e6
const lifetimes = [['', 'taken away'], ['1', 'an hour is over'], ['8', '8 hours are over'], ['24', 'a day is over'], ['168', 'a week is over']] as const

/** A message that everybody sees over each page. */
export function WallBox(): preact.JSX.Element {
  const [version, setVersion] = useState(0)
  const [text, setText] = useState('')
  const [hours, setHours] = useState('')
  const answer = useAnswer<Wall>('/api/v1/wall', version)
  const shown = answer.kind === 'ready' ? answer.value : {}
  const changed = (): void => setVersion((count) => count + 1)
  return (
    <Panel title="Message to everybody" actions={shown.message !== undefined && <ActionButton action={clearWall()} onDone={changed} />}>
      <p class={css.note}>
        {shown.message === undefined ? 'None is shown.' : `Shown${shown.TTL === undefined ? '' : ` for another ${durationText(shown.TTL / nanosecondsInMs)}`}: ${shown.message}`}
      </p>
      <form class={css.fields} onSubmit={(event) => event.preventDefault()}>
        <label class={`${css.field} ${css.wide}`}>
          <span>New message</span>
          <input value={text} maxLength={4096} onInput={({ currentTarget }) => setText(currentTarget.value)} />
        </label>
        <label class={css.field}>
          <span>Until</span>
          <select value={hours} onChange={({ currentTarget }) => setHours(currentTarget.value)}>
            {lifetimes.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <ActionButton
          action={setWall(text.trim(), hours === '' ? undefined : Number(hours))}
          onDone={() => {
            setText('')
            changed()
          }}
        />
      </form>
    </Panel>
  )
}
