import type { ConfigVersion } from '../../api/types.ts'
import fields from '../../parts/Fields.module.css'
import { dateText } from '../../parts/time.ts'
import type { PipelineId } from '../../routes/route.ts'
import { replace } from '../../store/navigation.ts'
import css from './ConfigPage.module.css'

export interface ComparedProps {
  readonly id: PipelineId
  readonly job: string | undefined
  readonly versions: readonly ConfigVersion[]
  readonly from: number
  readonly to: number | undefined
}

/** Chooses the two versions that are compared. */
export function Compared({ id, job, versions, from, to }: ComparedProps): preact.JSX.Element | null {
  if (to === undefined) return null
  const show = (earlier: number, version: number): void => replace({ page: 'pipeline-config', id, version, from: earlier, ...(job !== undefined && { job }) })
  return (
    <div class={`${fields.fields} ${css.compared}`}>
      <Choice label="From" versions={versions} chosen={from} onChoose={(version) => show(version, to)} />
      <Choice label="To" versions={versions} chosen={to} onChoose={(version) => show(from, version)} />
    </div>
  )
}

interface ChoiceProps {
  readonly label: string
  readonly versions: readonly ConfigVersion[]
  readonly chosen: number
  readonly onChoose: (version: number) => void
}

const Choice = ({ label, versions, chosen, onChoose }: ChoiceProps): preact.JSX.Element => (
  <label class={fields.field}>
    <span>{label}</span>
    <select value={String(chosen)} onChange={({ currentTarget }) => onChoose(Number(currentTarget.value))}>
      {versions.map(({ version, time, set_by: by, current }) => (
        <option key={version} value={String(version)}>
          {`Version ${version}${current ? ' (current)' : ''}, ${dateText(time * 1_000)}${by === '' ? '' : `, by ${by}`}`}
        </option>
      ))}
    </select>
  </label>
)
