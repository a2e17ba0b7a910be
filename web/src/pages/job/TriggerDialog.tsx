import { useState } from 'preact/hooks'
import type { JsonObject } from '../../../../src/model/json.ts'
import type { Job } from '../../api/types.ts'
import { Dialog } from '../../parts/Dialog.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { ActionEnd } from '../../shell/ActionEnd.tsx'
import { apiPath } from '../../store/paths.ts'
import { triggerWith, type JobNow } from '../../store/job-actions.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { ParamField } from './ParamField.tsx'
import { paramsOf } from './params.ts'
import { VersionChoice } from './VersionChoice.tsx'
import css from './TriggerDialog.module.css'

export interface TriggerDialogProps {
  readonly now: JobNow
  readonly job: Job
  readonly onClose: () => void
}

/** Asks for versions of inputs and params of tasks, for one build. What is left as it is, the scheduler chooses and the config says. */
export function TriggerDialog({ now, job, onClose }: TriggerDialogProps): preact.JSX.Element {
  const [versions, setVersions] = useState<Readonly<Record<string, number>>>({})
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [refused, setRefused] = useState<string>()
  const config = useAnswer<{ readonly config: JsonObject }>(apiPath(now.id, ['config']))
  const params = config.kind === 'ready' ? paramsOf(config.value.config, job.name) : []
  const given = Object.fromEntries(params.flatMap(({ name, value, differs }) => (values[name] === undefined || (values[name] === value && !differs) ? [] : [[name, values[name]]])))
  const action = triggerWith(now, { versions, params: given })
  const inputs = job.inputs ?? []
  return (
    <Dialog title={`Trigger ${job.name} with…`} onCancel={onClose}>
      <section class={css.part}>
        <h3>Versions of inputs</h3>
        {inputs.length === 0 && <p class="dim">The job has no inputs.</p>}
        {inputs.map((input) => (
          <VersionChoice
            key={input.name}
            id={now.id}
            input={input}
            chosen={versions[input.name]}
            onChoose={(version) => {
              const { [input.name]: _, ...rest } = versions
              setVersions(version === undefined ? rest : { ...rest, [input.name]: version })
              setRefused(undefined)
            }}
          />
        ))}
      </section>
      <section class={css.part}>
        <h3>Params of tasks</h3>
        {config.kind === 'loading' && <Skeleton rows={2} />}
        {config.kind === 'failed' && <Failure error={config.error} retry={config.retry} />}
        {config.kind === 'ready' && params.length === 0 && <p class="dim">No task has params in the pipeline’s config. To give those of a task’s file, name them in the step’s params.</p>}
        {params.map((param) => (
          <ParamField key={param.name} param={param} value={values[param.name]} onChange={(value) => setValues({ ...values, [param.name]: value })} />
        ))}
      </section>
      <ActionEnd action={action} refused={refused} onRefused={setRefused} onCancel={onClose} onDone={onClose} />
    </Dialog>
  )
}
