import { useState } from 'preact/hooks'
import { Confirm } from '../../parts/Confirm.tsx'
import { Dialog } from '../../parts/Dialog.tsx'
import type { PipelineId } from '../../routes/route.ts'
import { go, href } from '../../store/navigation.ts'
import { setPipeline } from '../../store/pipeline-changes.ts'
import { ActionEnd } from '../ActionEnd.tsx'
import css from './SetPipelineDialog.module.css'

export interface SetPipelineDialogProps {
  /** Whose pipelines the person may set. */
  readonly teams: readonly string[]
  /** A pipeline that there is, with the config that is changed. */
  readonly present?: { readonly id: PipelineId; readonly yaml: string; readonly version: string }
  /** The job that the config is changed for: the pipeline's page shows it then. */
  readonly job?: string | undefined
  readonly onClose: () => void
}

/** Runs in a minute, and shows where images, commands and triggers stand. */
const first = `jobs:
- name: hello
  plan:
  - task: say-hello
    config:
      platform: linux
      image_resource:
        type: registry-image
        source: {repository: busybox}
      run:
        path: sh
        args: [-c, echo hello]
`

/** What was typed when Escape closed the dialog, and the config that it was for: it is there when the dialog is opened again. */
let left: { readonly of: string; readonly team: string; readonly name: string; readonly yaml: string } | undefined

/** Takes the config of a pipeline as YAML; what the server finds wrong in it is shown with its places. */
export function SetPipelineDialog({ teams, present: now, job, onClose }: SetPipelineDialogProps): preact.JSX.Element {
  // As it was when the dialog opened: what somebody else sets meanwhile must not be overwritten unseen.
  const [present] = useState(now)
  const of = present === undefined ? '' : JSON.stringify([present.id, present.version])
  const draft = left?.of === of ? left : undefined
  const [team, setTeam] = useState(draft?.team ?? present?.id.team ?? teams[0] ?? '')
  const [name, setName] = useState(draft?.name ?? present?.id.pipeline ?? '')
  const [yaml, setYaml] = useState(draft?.yaml ?? present?.yaml ?? first)
  const [refused, setRefused] = useState<string>()
  const [discarding, setDiscarding] = useState(false)
  const id = present?.id ?? { team, pipeline: name.trim() }
  const action = setPipeline(id, yaml, present?.version)
  const typed = yaml !== (present?.yaml ?? first) || (present === undefined && name !== '')
  const escape = (): void => {
    // What was typed for a config that is not the newest would not be there again.
    if (typed && present?.version !== now?.version) return setDiscarding(true)
    left = { of, team, name, yaml }
    onClose()
  }
  const cancel = (): void => (typed ? setDiscarding(true) : close())
  const close = (): void => {
    left = undefined
    onClose()
  }
  const done = (): void => {
    close()
    go(href({ page: 'pipeline', id, groups: [], ...(job !== undefined && { job }) }))
  }
  return (
    <Dialog title={present === undefined ? 'Set a pipeline' : `Edit ${id.pipeline}`} wide onCancel={escape}>
      {present === undefined && (
        <div class={css.names}>
          {teams.length > 1 && (
            <label>
              Team
              <select value={team} onChange={({ currentTarget }) => setTeam(currentTarget.value)}>
                {teams.map((one) => (
                  <option key={one}>{one}</option>
                ))}
              </select>
            </label>
          )}
          <label>
            Name
            <input value={name} maxLength={1024} autocomplete="off" spellcheck={false} onInput={({ currentTarget }) => setName(currentTarget.value)} />
          </label>
        </div>
      )}
      <label>
        Config
        <textarea class={`mono ${css.yaml}`} rows={18} spellcheck={false} autocomplete="off" value={yaml} onInput={({ currentTarget }) => setYaml(currentTarget.value)} />
      </label>
      <ActionEnd action={action} refused={refused} onRefused={setRefused} onCancel={cancel} onDone={done} />
      {discarding && <Confirm title="Discard what you typed?" text="Your changes are lost." label="Discard" cancel="Keep editing" onConfirm={close} onCancel={() => setDiscarding(false)} />}
    </Dialog>
  )
}
