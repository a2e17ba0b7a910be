import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/Dialog.tsx'
import { Command } from '../../parts/Notice.tsx'
import { OfferButton } from '../../parts/OfferButton.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { refusalOf } from '../../store/action.ts'
import { check, type ResourceNow } from '../../store/resource-actions.ts'
import css from '../../parts/Dialog.module.css'

export interface CheckFromProps {
  readonly now: ResourceNow
  /** Its fields are those of a version of the resource. */
  readonly newest: Readonly<Record<string, string>> | undefined
  readonly onDone: () => void
}

/** Checks from a version that is typed: so older versions are found, too. */
export function CheckFrom({ now, newest, onDone }: CheckFromProps): preact.JSX.Element {
  const [text, setText] = useState<string>()
  const version = text === undefined ? undefined : versionOf(text)
  return (
    <>
      <OfferButton opensDialog name="Check from…" refusal={refusalOf(check(now))} title="Find versions from one on" onPress={() => setText(Object.entries(newest ?? { ref: '' }).map(([key, value]) => `${key}: ${value}`).join('\n'))}>
        Check from…
      </OfferButton>
      {text !== undefined && (
        <Dialog title={`Check ${now.resource} from a version`} onCancel={() => setText(undefined)}>
          <label>
            <span>The version, a field a line</span>
            <textarea class="mono" rows={4} spellcheck={false} value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
          </label>
          {version === undefined ? <p>Each line must be a name, a colon and a value.</p> : <Command>{check(now, version).fly}</Command>}
          <div class={css.buttons}>
            <button onClick={() => setText(undefined)}>Cancel</button>
            {version !== undefined && (
              <ActionButton
                primary
                action={check(now, version)}
                onDone={() => {
                  setText(undefined)
                  onDone()
                }}
              />
            )}
          </div>
        </Dialog>
      )}
    </>
  )
}

/** Undefined: a line has no name or no value. */
function versionOf(text: string): Record<string, string> | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const fields = lines.map((line) => /^\s*([^:\s][^:]*?)\s*:\s*(.*\S)\s*$/.exec(line))
  if (fields.length === 0 || fields.includes(null)) return undefined
  return Object.fromEntries(fields.map((field) => [field?.[1] ?? '', field?.[2] ?? '']))
}
