import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import { Notice } from '../parts/Notice.tsx'
import { OfferButton } from '../parts/OfferButton.tsx'
import { dateText } from '../parts/time.ts'
import { useFieldFocus } from '../parts/use-field-focus.ts'
import { refusalOf, type Action } from '../store/action.ts'
import { ActionButton } from './ActionButton.tsx'
import css from './PauseNotice.module.css'

export interface PauseNoticeProps {
  readonly what: 'pipeline' | 'job'
  /** A pipeline or a job that is paused; who did it and why is told to members alone. */
  readonly of: { readonly paused_by?: string; readonly paused_at?: number; readonly paused_why?: string }
  /** Has a reason stored. */
  readonly give: (reason: string) => Action
  /** Buttons beside it. */
  readonly actions?: ComponentChildren
}

/** Says by whom, since when and why something is paused, and takes the reason. */
export function PauseNotice({ what, of: { paused_by: by, paused_at: at, paused_why: why }, give, actions }: PauseNoticeProps): preact.JSX.Element {
  const [draft, setDraft] = useState<string>()
  const { field, button } = useFieldFocus<HTMLInputElement>(draft !== undefined)
  const known = by !== undefined && by !== ''
  const said = why === undefined ? 'Say why' : 'Change why'
  const open = (
    <OfferButton holder={button} name={said} refusal={refusalOf(give(''))} title="Tell others why it is paused" onPress={() => setDraft(why ?? '')}>
      {said}
    </OfferButton>
  )
  return (
    <Notice kind="info" actions={<>{actions}{draft === undefined && open}</>}>
      <b>{`This ${what} is paused: no new builds start.`}</b>{' '}
      {(known || at !== undefined) && <span>{`Paused${known ? ` by ${by}` : ''}${at === undefined ? '' : ` since ${dateText(at * 1000)}`}.`}</span>}
      {why !== undefined && draft === undefined && <q class={css.why}>{why}</q>}
      {draft !== undefined && (
        <div class={css.form}>
          <input ref={field} aria-label="Why it is paused" maxLength={1_000} value={draft} onInput={({ currentTarget }) => setDraft(currentTarget.value)} />
          <ActionButton primary action={give(draft)} name="Save why it is paused" onDone={() => setDraft(undefined)} />
          <button onClick={() => setDraft(undefined)}>Cancel</button>
        </div>
      )}
    </Notice>
  )
}
