import { useState } from 'preact/hooks'
import type { Job, ResourceVersion } from '../../api/types.ts'
import type { Paging, PipelineId } from '../../routes/route.ts'
import { apiPath } from '../../store/paths.ts'
import { usePage } from '../../store/use-answer.ts'
import { versionLine } from './version-line.ts'
import css from './TriggerDialog.module.css'

export interface VersionChoiceProps {
  readonly id: PipelineId
  readonly input: NonNullable<Job['inputs']>[number]
  /** A version's id; undefined: as the scheduler chooses. */
  readonly chosen: number | undefined
  readonly onChoose: (version: number | undefined) => void
}

const shownAtOnce = 50

/** The versions of an input's resource, the newest first, a page at a time. */
export function VersionChoice({ id, input: { name, resource, passed }, chosen, onChoose }: VersionChoiceProps): preact.JSX.Element {
  const [paging, setPaging] = useState<Paging>()
  const [before, setBefore] = useState<readonly ResourceVersion[]>([])
  const query = { limit: String(paging?.limit ?? shownAtOnce), ...(paging === undefined ? {} : 'from' in paging ? { from: String(paging.from) } : { to: String(paging.to) }) }
  const page = usePage<ResourceVersion>(apiPath(id, ['resources', resource, 'versions'], query))
  const versions = page.kind === 'ready' ? [...before, ...page.value.items] : before
  const older = page.kind === 'ready' ? page.value.older : undefined
  return (
    <div class={css.input}>
      <label>
        <span>
          <b>{name}</b> {resource !== name && <span class="dim">resource {resource}</span>} {passed !== undefined && <span class="dim">passed {passed.join(', ')}</span>}
        </span>
        <select value={chosen ?? ''} onChange={({ currentTarget }) => onChoose(currentTarget.value === '' ? undefined : Number(currentTarget.value))}>
          <option value="">As the scheduler chooses</option>
          {versions.map((version) => (
            <option key={version.id} value={version.id}>
              {versionLine(version)}
            </option>
          ))}
        </select>
      </label>
      {page.kind === 'failed' && <p role="alert">{page.error.message}</p>}
      {page.kind === 'ready' && versions.length === 0 && <p class="dim">{resource} has no versions yet.</p>}
      {older !== undefined && (
        <button
          aria-label={`Older versions of ${name}`}
          onClick={() => {
            setBefore(versions)
            setPaging(older)
          }}
        >
          Older versions
        </button>
      )}
    </div>
  )
}
