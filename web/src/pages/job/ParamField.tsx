import type { Param } from './params.ts'
import css from './TriggerDialog.module.css'

export interface ParamFieldProps {
  readonly param: Param
  /** What was typed; undefined: the config's. */
  readonly value: string | undefined
  readonly onChange: (value: string) => void
}

export function ParamField({ param: { name, value: own, tasks, differs }, value, onChange }: ParamFieldProps): preact.JSX.Element {
  const shown = value ?? own
  const changed = value !== undefined && (value !== own || differs)
  return (
    <label>
      <span>
        <b class="mono">{name}</b> <span class="dim">of {tasks.join(', ')}</span> {changed && <b class={css.changed}>changed</b>}
      </span>
      <textarea class="mono" rows={Math.min(6, shown.split('\n').length)} spellcheck={false} autocomplete="off" value={shown} onInput={({ currentTarget }) => onChange(currentTarget.value)} />
      {differs && !changed && <span class="dim">The tasks have different values; what is typed here goes to all of them.</span>}
      {own.includes('((') && !changed && <span class="dim">Its ((vars)) are filled in when the task runs.</span>}
    </label>
  )
}
