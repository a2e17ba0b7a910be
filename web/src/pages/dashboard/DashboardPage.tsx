import type { Card } from '../../api/types.ts'
import { Skeleton } from '../../parts/Notice.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { Refused } from '../../parts/Refused.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { href } from '../../store/navigation.ts'
import { useTopic } from '../../store/use-topic.ts'
import { loginUrl, user } from '../../store/user.ts'

export default function DashboardPage(): preact.JSX.Element {
  const state = useTopic<Card>('dashboard')
  if (state.kind === 'loading') return <Skeleton />
  if (state.kind === 'refused') return <Refused status={state.status} subject="the dashboard" loginUrl={loginUrl()} {...(user.value !== undefined && { person: user.value.name })} />
  return (
    <>
      <Heading title="Dashboard">{`${state.items.length} pipelines`}</Heading>
      <ul>
        {state.items.map((card) => (
          <li key={card.id}>
            <StateIcon state={card.s} /> <a href={href({ page: 'pipeline', id: { team: card.team, pipeline: card.name }, groups: [] })}>{card.name}</a>
          </li>
        ))}
      </ul>
    </>
  )
}
