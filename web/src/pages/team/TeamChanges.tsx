import { useState } from 'preact/hooks'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { go, href } from '../../store/navigation.ts'
import { destroyTeam, renameTeam } from '../../store/team-actions.ts'
import fields from '../../parts/Fields.module.css'
import css from './TeamPage.module.css'

/** Renames the team, or destroys it. */
export function TeamChanges({ team }: { readonly team: string }): preact.JSX.Element {
  const [name, setName] = useState(team)
  return (
    <div class={css.changes}>
      <form class={fields.fields} onSubmit={(event) => event.preventDefault()}>
        <label class={`${fields.field} ${fields.wide}`}>
          <span>Name; links to the old one end</span>
          <input value={name} autocomplete="off" spellcheck={false} maxLength={1024} onInput={({ currentTarget }) => setName(currentTarget.value)} />
        </label>
        <ActionButton action={{ ...renameTeam(team, name.trim()), ...(name.trim() === team && { impossible: 'Write another name first' }) }} onDone={() => go(href({ page: 'team', team: name.trim() }))} />
      </form>
      <div>
        <ActionButton action={destroyTeam(team)} name={`Destroy team ${team}`} onDone={() => go(href({ page: 'dashboard' }))} />
      </div>
    </div>
  )
}
