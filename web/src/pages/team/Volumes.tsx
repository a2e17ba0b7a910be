import type { Volume } from '../../api/types.ts'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { Panel, Table } from '../../parts/Panel.tsx'
import { teamPath } from '../../store/team-order.ts'
import { useAnswer } from '../../store/use-answer.ts'

const words = { 'task-cache': 'cache of a task', artifact: 'upload or output' } as const

/** What is kept of the team's builds for later ones. */
export function Volumes({ team }: { readonly team: string }): preact.JSX.Element {
  const answer = useAnswer<readonly Volume[]>(teamPath(team, 'volumes'))
  return (
    <Panel title="Volumes">
      {answer.kind === 'loading' && <Skeleton rows={2} />}
      {answer.kind === 'failed' && <Failure error={answer.error} retry={answer.retry} />}
      {answer.kind === 'ready' && answer.value.length === 0 && <p class="dim">Nothing is kept.</p>}
      {answer.kind === 'ready' && answer.value.length > 0 && (
        <Table
          label={`Volumes of team ${team}`}
          columns={[
            ['Handle', ({ id }) => <code class="mono">{id}</code>],
            ['Kind', ({ type }) => words[type]],
            ['Of', ({ pipeline_name: pipeline, job_name: job, step_name: step, path }) => [pipeline, job, step, path].filter((part) => part !== '').join(' / ')],
          ]}
          rows={answer.value}
          keyOf={({ id }) => id}
        />
      )}
    </Panel>
  )
}
