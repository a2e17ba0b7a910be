import { useState } from 'preact/hooks'
import type { Team } from '../../api/types.ts'
import { Panel, Table } from '../../parts/Panel.tsx'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { addEntry, membersOf, removeEntry, teamRoles, type Listed, type TeamRole } from '../../store/team-actions.ts'
import css from '../../parts/Fields.module.css'

export interface MembersProps {
  readonly team: Team
  readonly onChanged: () => void
}

const mayDo: Readonly<Record<TeamRole, string>> = {
  owner: 'everything in the team, and who is in it',
  member: 'set pipelines, enter containers, and what operators may',
  'pipeline-operator': 'trigger, pause, abort, pin and check',
  viewer: 'see all of it, change nothing',
}

/** Who has which role, as the connectors of logins name them; owners change it. */
export function Members({ team, onChanged }: MembersProps): preact.JSX.Element {
  return (
    <Panel title="Members">
      <Table
        label={`Members of team ${team.name}`}
        columns={[
          ['Who', ({ name }) => <code class="mono">{name}</code>],
          ['Kind', ({ listed }) => (listed === 'users' ? 'user' : 'group')],
          ['Role', ({ roles }) => roles.join(', ')],
          // A role may do what those after it may.
          ['May', ({ roles: [strongest] }) => strongest && mayDo[strongest]],
          ['Actions', ({ roles, listed, name }) => roles.map((role) => [<ActionButton key={role} action={removeEntry(team, { role, listed, name })} name={`Remove ${name} as ${role}`} onDone={onChanged} />, ' '])],
        ]}
        rows={membersOf(team.auth)}
        keyOf={({ listed, name }) => `${listed} ${name}`}
      />
      <NewMember team={team} onChanged={onChanged} />
    </Panel>
  )
}

function NewMember({ team, onChanged }: MembersProps): preact.JSX.Element {
  const [name, setName] = useState('')
  const [listed, setListed] = useState<Listed>('users')
  const [role, setRole] = useState<TeamRole>('viewer')
  return (
    <form class={css.fields} onSubmit={(event) => event.preventDefault()}>
      <label class={`${css.field} ${css.wide}`}>
        <span>Add somebody, as CONNECTOR:NAME</span>
        <input class="mono" value={name} autocomplete="off" spellcheck={false} maxLength={1024} placeholder="local:ana" onInput={({ currentTarget }) => setName(currentTarget.value)} />
      </label>
      <label class={css.field}>
        <span>Kind</span>
        <select value={listed} onChange={({ currentTarget }) => setListed(currentTarget.value === 'groups' ? 'groups' : 'users')}>
          <option value="users">user</option>
          <option value="groups">group</option>
        </select>
      </label>
      <label class={css.field}>
        <span>Role</span>
        <select value={role} onChange={({ currentTarget }) => setRole(teamRoles.find((one) => one === currentTarget.value) ?? 'viewer')}>
          {teamRoles.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <ActionButton
        action={addEntry(team, { role, listed, name: name.trim() })}
        onDone={() => {
          setName('')
          onChanged()
        }}
      />
    </form>
  )
}
