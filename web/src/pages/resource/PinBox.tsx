import { useState } from 'preact/hooks'
import type { Resource } from '../../api/types.ts'
import { VersionText } from '../../parts/VersionText.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { commentPin, unpin, type ResourceNow } from '../../store/resource-actions.ts'
import css from './ResourceView.module.css'

/** The version that is pinned, and why. */
export function PinBox({ now, resource, onDone }: { readonly now: ResourceNow; readonly resource: Resource; readonly onDone: () => void }): preact.JSX.Element {
  const { pinned_version: pinned, pinned_in_config: inConfig = false, pin_comment: comment = '' } = resource
  const [draft, setDraft] = useState<string>()
  if (pinned === undefined) {
    return (
      <section>
        <h2>Pin</h2>
        <p class="dim">No version is pinned: jobs get the newest that they may.</p>
      </section>
    )
  }
  return (
    <section>
      <h2>{inConfig ? 'Pinned in the config' : 'Pinned'}</h2>
      <p>
        <VersionText version={pinned} />
      </p>
      {!inConfig && (
        <label class={css.comment}>
          <span class="dim">Why</span>
          <textarea rows={2} value={draft ?? comment} onInput={({ currentTarget }) => setDraft(currentTarget.value)} />
        </label>
      )}
      <div class={css.actions}>
        {draft !== undefined && draft !== comment && (
          <ActionButton
            primary
            action={commentPin(now, draft)}
            name="Save why it is pinned"
            onDone={() => {
              setDraft(undefined)
              onDone()
            }}
          />
        )}
        <ActionButton action={unpin(now, inConfig)} name={`Unpin ${resource.name}`} onDone={onDone} />
      </div>
    </section>
  )
}
