import { useState } from 'preact/hooks'
import type { ResourceVersion } from '../../api/types.ts'
import { PinIcon } from '../../parts/PinIcon.tsx'
import { VersionText } from '../../parts/VersionText.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { enableOrDisable, pin, type ResourceNow } from '../../store/resource-actions.ts'
import { VersionDetails } from './VersionDetails.tsx'
import css from './ResourceView.module.css'

export interface VersionRowProps {
  readonly now: ResourceNow
  readonly version: ResourceVersion
  readonly pinned: boolean
  readonly onDone: () => void
}

export function VersionRow({ now, version, pinned, onDone }: VersionRowProps): preact.JSX.Element {
  const [open, setOpen] = useState(false)
  const spoken = Object.values(version.version).join(' ')
  return (
    <li class={`${css.row} ${version.enabled ? '' : css.disabled}`}>
      <div class={css.line}>
        <button class={css.open} aria-expanded={open} aria-label={`Details of version ${spoken}`} onClick={() => setOpen(!open)}>
          {open ? '▾' : '▸'}
        </button>
        <span class={css.version}>
          <VersionText version={version.version} />
          {pinned && (
            <span class={css.tag}>
              <PinIcon label="" /> pinned
            </span>
          )}
          {!version.enabled && <span class={css.tag}>disabled</span>}
        </span>
        <span class={css.actions}>
          {!pinned && <ActionButton action={pin(now, version)} name={`Pin version ${spoken}`} onDone={onDone} />}
          <ActionButton action={enableOrDisable(now, version)} name={`${version.enabled ? 'Disable' : 'Enable'} version ${spoken}`} onDone={onDone} />
        </span>
      </div>
      {open && <VersionDetails now={now} version={version} />}
    </li>
  )
}
