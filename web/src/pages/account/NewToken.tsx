import { useState } from 'preact/hooks'
import type { ApiToken } from '../../api/types.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { createToken } from '../../store/token-actions.ts'
import css from '../../parts/Fields.module.css'

export interface NewTokenProps {
  readonly teams: readonly string[]
  readonly onMade: (token: ApiToken) => void
}

const roles = ['viewer', 'pipeline-operator', 'member', 'owner'] as const
const lifetimes = [7, 30, 90, 366] as const

/** Asks for a token's name and limits. */
export function NewToken({ teams, onMade }: NewTokenProps): preact.JSX.Element {
  const [name, setName] = useState('')
  const [team, setTeam] = useState('')
  const [role, setRole] = useState('')
  const [days, setDays] = useState<number>(90)
  const action = createToken({ name: name.trim(), days, ...(team !== '' && { team }), ...(role !== '' && { role }) }, onMade)
  return (
    <form class={css.fields} onSubmit={(event) => event.preventDefault()}>
      <label class={`${css.field} ${css.wide}`}>
        <span>Name of a new token</span>
        <input value={name} autocomplete="off" maxLength={1024} onInput={({ currentTarget }) => setName(currentTarget.value)} />
      </label>
      <label class={css.field}>
        <span>Team</span>
        <select value={team} onChange={({ currentTarget }) => setTeam(currentTarget.value)}>
          <option value="">all of mine</option>
          {teams.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label class={css.field}>
        <span>Role at most</span>
        <select value={role} onChange={({ currentTarget }) => setRole(currentTarget.value)}>
          <option value="">mine</option>
          {roles.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label class={css.field}>
        <span>Ends after</span>
        <select value={String(days)} onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}>
          {lifetimes.map((one) => (
            <option key={one} value={String(one)}>{`${one} days`}</option>
          ))}
        </select>
      </label>
      <ActionButton primary action={action} onDone={() => setName('')} />
    </form>
  )
}
