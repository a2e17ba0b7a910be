import { useState } from 'preact/hooks'
import { Dialog } from '../../parts/Dialog.tsx'
import { keysAreOn, offeredKeys, setKeysOn } from '../../parts/keys.ts'
import css from './KeyList.module.css'

/** The keys that the page has as the list opens, and the switch for all of them. */
export function KeyList({ onClose }: { readonly onClose: () => void }): preact.JSX.Element {
  const [on, setOn] = useState(keysAreOn())
  const [keys] = useState(offeredKeys)
  return (
    <Dialog title="Keys of this page" onCancel={onClose}>
      <label class={css.switch}>
        <input
          type="checkbox"
          checked={on}
          onChange={({ currentTarget: { checked } }) => {
            setKeysOn(checked)
            setOn(checked)
          }}
        />
        <span>Keys without Ctrl are on</span>
      </label>
      {!on && <p>They do nothing in this browser, on any page, until they are switched on here again.</p>}
      <dl class={css.keys}>
        <div>
          <dt>
            <kbd>Ctrl</kbd> <kbd>K</kbd>
          </dt>
          <dd>search, and every action of the page</dd>
        </div>
        {keys.map(({ typed, does }) => (
          <div key={typed}>
            <dt>
              {[...typed].map((key, index) => (
                <kbd key={index}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p class="dim">Tab, Enter, Escape and the arrow keys work as everywhere. Keys do nothing while something is typed into a field.</p>
      <div class={css.close}>
        <button onClick={onClose}>Close</button>
      </div>
    </Dialog>
  )
}
