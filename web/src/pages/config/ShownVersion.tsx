import type { ConfigVersion } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { Notice } from '../../parts/Notice.tsx'
import type { PipelineId } from '../../routes/route.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { go, href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { restoreConfig } from '../../store/pipeline-changes.ts'
import css from './ConfigPage.module.css'
import { SetBy } from './SetBy.tsx'

export interface ShownVersionProps {
  readonly id: PipelineId
  readonly job: string | undefined
  /** The version that the URL names, and the one with which it is compared. */
  readonly asked: number | undefined
  readonly compared: number | undefined
  /** False: one of them is not kept. */
  readonly kept: boolean
  /** What is known of the version that is shown, and of that of now; the list of versions may come later. */
  readonly shown: ConfigVersion | undefined
  readonly present: ConfigVersion | undefined
  readonly onRestored: () => void
}

/** Which version it is, and whether the pipeline was set again since. */
export function ShownVersion({ id, job, asked, compared, kept, shown, present, onRestored }: ShownVersionProps): preact.JSX.Element | null {
  const place = { page: 'pipeline-config', id, ...(job !== undefined && { job }) } as const
  if (!kept) return <Notice kind="warning">{`Version ${compared ?? asked} of this config is no longer kept: only the newest 20 versions are. This is ${shown?.current === true ? 'the current config' : 'the version of which the changes were asked for'}.`}</Notice>
  if (shown === undefined) return null
  const set = (
    <>
      set <Age at={shown.time * 1_000} now={now.value} /> ago <SetBy version={shown} />
    </>
  )
  if (compared !== undefined || shown.current || present === undefined) return <p class={css.facts}>{compared === undefined ? <>This is the current config, {set}</> : <>Version {shown.version}, {set}</>}</p>
  const restored = (): void => {
    onRestored()
    go(href(place))
  }
  return (
    <Notice
      kind="info"
      actions={
        <>
          <a class="button" href={href({ ...place, version: present.version, from: shown.version })}>
            Changes since
          </a>
          <a class="button" href={href(place)}>
            Current config
          </a>
          <ActionButton action={restoreConfig(id, shown.version, present.version)} onDone={restored} />
        </>
      }
    >
      This is an older version, {set}. The pipeline was set again since.
    </Notice>
  )
}
