import { useState } from 'preact/hooks'
import type { Build } from '../../api/types.ts'
import { OfferButton } from '../../parts/OfferButton.tsx'
import { useFieldFocus } from '../../parts/use-field-focus.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { refusalOf } from '../../store/action.ts'
import { comment as commentOn } from '../../store/build-actions.ts'
import css from './BuildComment.module.css'

/** What people say of the build, and the place to say it. */
export function BuildComment({ build }: { readonly build: Build }): preact.JSX.Element {
  const [draft, setDraft] = useState<string>()
  const { field, button } = useFieldFocus<HTMLTextAreaElement>(draft !== undefined)
  const { comment = '', team_name: team } = build
  if (draft === undefined) {
    return (
      <span class={css.said}>
        {comment !== '' && <q>{comment}</q>}
        <OfferButton holder={button} name={comment === '' ? 'Comment' : 'Change the comment'} refusal={refusalOf(commentOn(team, build, ''))} title="Tell others about this build" onPress={() => setDraft(comment)}>
          {comment === '' ? 'Comment' : 'Change the comment'}
        </OfferButton>
      </span>
    )
  }
  return (
    <span class={css.form}>
      <textarea ref={field} aria-label="Comment on the build" rows={2} maxLength={10_000} value={draft} onInput={({ currentTarget }) => setDraft(currentTarget.value)} />
      <ActionButton primary action={commentOn(team, build, draft)} name="Save the comment" onDone={() => setDraft(undefined)} />
      <button onClick={() => setDraft(undefined)}>Cancel</button>
    </span>
  )
}
