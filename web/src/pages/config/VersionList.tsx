import { useState } from 'preact/hooks'
import type { ConfigVersion } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import type { PipelineId } from '../../routes/route.ts'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { SetBy } from './SetBy.tsx'
import css from './VersionList.module.css'

export interface VersionListProps {
  readonly id: PipelineId
  readonly job: string | undefined
  /** The newest first. */
  readonly versions: readonly ConfigVersion[]
  /** The one that is shown, or to which another is compared. */
  readonly shown: number | undefined
}

/** The configs that a pipeline had, as far as they are kept: when each was set and by whom. */
export function VersionList({ id, job, versions, shown }: VersionListProps): preact.JSX.Element {
  // Where there is little room the list begins closed, above the lines.
  const [open] = useState(() => !matchMedia('(max-width: 900px)').matches)
  const place = { page: 'pipeline-config', id, ...(job !== undefined && { job }) } as const
  return (
    <details class={css.versions} open={open}>
      <summary>
        <h2>{`Versions (${versions.length})`}</h2>
      </summary>
      <ol aria-label="Versions of the config, the newest first">
        {versions.map((version, index) => {
          const before = versions[index + 1]
          return (
            <li key={version.version} class={version.version === shown ? css.shown : ''}>
              <span class={css.line}>
                <a href={href({ ...place, version: version.version })} {...(version.version === shown && { 'aria-current': 'true' as const })}>
                  {`Version ${version.version}`}
                </a>
                {version.current && <b>current</b>}
                {before !== undefined && (
                  <a class={css.changes} href={href({ ...place, version: version.version, from: before.version })} aria-label={`Changes in version ${version.version}`}>
                    Changes
                  </a>
                )}
              </span>
              <span class="dim">
                <Age at={version.time * 1_000} now={now.value} /> ago <SetBy version={version} />
              </span>
            </li>
          )
        })}
      </ol>
      {versions.length >= 20 && <p class="dim">Older versions are not kept.</p>}
    </details>
  )
}
