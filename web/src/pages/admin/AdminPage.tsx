import { useState } from 'preact/hooks'
import type { Team } from '../../api/types.ts'
import { Empty, Skeleton } from '../../parts/Notice.tsx'
import { Panel, Table } from '../../parts/Panel.tsx'
import { Refused } from '../../parts/Refused.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { href } from '../../store/navigation.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { loginUrl, userState } from '../../store/user.ts'
import { Audit } from '../team/Audit.tsx'
import { Containers } from '../team/Containers.tsx'
import { Volumes } from '../team/Volumes.tsx'
import css from '../../parts/Fields.module.css'
import { ActiveUsers } from './ActiveUsers.tsx'
import { Server } from './Server.tsx'
import { WallBox } from './WallBox.tsx'

/** What administrators of the server look after. */
export default function AdminPage(): preact.JSX.Element {
  const state = userState.value
  return (
    <>
      <div class={css.top}>
        <Heading title="Administration">Administration</Heading>
      </div>
      {state.kind === 'loading' && <Skeleton />}
      {state.kind === 'stranger' && <Refused status={401} subject="the administration" loginUrl={loginUrl()} />}
      {state.kind === 'known' && !state.user.is_admin && (
        <Empty title="You may not see the administration">
          <p>You are {state.user.user_name}. Only owners of an admin team may, usually those of team main.</p>
        </Empty>
      )}
      {state.kind === 'known' && state.user.is_admin && (
        <>
          <Server />
          <WallBox />
          <Teams />
          <ActiveUsers />
          <Audit title="Audit" path="/api/v1/audit" />
        </>
      )}
    </>
  )
}

/** All teams, and what one of them has running and kept. */
function Teams(): preact.JSX.Element {
  const answer = useAnswer<readonly Team[]>('/api/v1/teams')
  const [chosen, setChosen] = useState<string>()
  const teams = answer.kind === 'ready' ? answer.value : []
  const count = ({ auth }: Team, listed: 'users' | 'groups'): number => Object.values(auth).reduce((sum, held) => sum + held[listed].length, 0)
  return (
    <>
      <Panel title="Teams">
        <Table
          label="Teams"
          columns={[
            ['Team', ({ name: team }) => <a href={href({ page: 'team', team })}>{team}</a>],
            ['Users', (team) => String(count(team, 'users'))],
            ['Groups', (team) => String(count(team, 'groups'))],
            ['Shown below', ({ name }) => (
              <button aria-pressed={chosen === name} aria-label={`Containers and volumes of team ${name}`} onClick={() => setChosen(chosen === name ? undefined : name)}>
                Containers and volumes
              </button>
            )],
          ]}
          rows={teams}
          keyOf={({ id }) => id}
        />
      </Panel>
      {chosen !== undefined && <Containers team={chosen} />}
      {chosen !== undefined && <Volumes team={chosen} />}
    </>
  )
}
