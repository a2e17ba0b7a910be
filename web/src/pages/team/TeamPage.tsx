import { useState } from 'preact/hooks'
import type { Team } from '../../api/types.ts'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { Panel } from '../../parts/Panel.tsx'
import { Refused } from '../../parts/Refused.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { mayCall, loginUrl, user } from '../../store/user.ts'
import { teamPath } from '../../store/team-order.ts'
import { useAnswer } from '../../store/use-answer.ts'
import type { PageProps } from '../registry.ts'
import css from '../../parts/Fields.module.css'
import { Audit } from './Audit.tsx'
import { Containers } from './Containers.tsx'
import { Members } from './Members.tsx'
import { TeamChanges } from './TeamChanges.tsx'
import { TeamPipelines } from './TeamPipelines.tsx'
import { Volumes } from './Volumes.tsx'

/** Who is in a team, its pipelines in their order, what it has running and kept, and what was done in it. */
export default function TeamPage({ route: { team: name } }: PageProps<'team'>): preact.JSX.Element {
  const [version, setVersion] = useState(0)
  const answer = useAnswer<Team>(teamPath(name), version)
  return (
    <>
      <div class={css.top}>
        <Heading title={`Team ${name}`}>Team {name}</Heading>
      </div>
      {answer.kind === 'loading' && <Skeleton />}
      {answer.kind === 'failed' && (answer.error.status >= 400 && answer.error.status < 500 ? (
        <Refused status={answer.error.status} subject={`team ${name}`} team={name} loginUrl={loginUrl()} {...(user.value !== undefined && { person: user.value.user_name })} />
      ) : (
        <Failure error={answer.error} retry={answer.retry} />
      ))}
      {answer.kind === 'ready' && (
        <>
          <Members team={answer.value} onChanged={() => setVersion((count) => count + 1)} />
          <TeamPipelines team={name} />
          <Containers team={name} />
          <Volumes team={name} />
          {mayCall(name, 'ListTeamAudit') && <Audit title="Audit" path={teamPath(name, 'audit')} />}
          <Panel title="Change the team">
            <TeamChanges team={name} />
          </Panel>
        </>
      )}
    </>
  )
}
