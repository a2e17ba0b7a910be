import type { Container } from '../../api/types.ts'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { Panel, Table } from '../../parts/Panel.tsx'
import { terminalUrl } from '../../parts/terminal-url.ts'
import { fly } from '../../store/fly.ts'
import { href } from '../../store/navigation.ts'
import { teamPath } from '../../store/team-order.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { mayCall, user } from '../../store/user.ts'

/** Containers of the team's builds and checks that can be entered. */
export function Containers({ team }: { readonly team: string }): preact.JSX.Element {
  const answer = useAnswer<readonly Container[]>(teamPath(team, 'containers'))
  return (
    <Panel title="Containers">
      {answer.kind === 'loading' && <Skeleton rows={2} />}
      {answer.kind === 'failed' && <Failure error={answer.error} retry={answer.retry} />}
      {answer.kind === 'ready' && answer.value.length === 0 && <p class="dim">None runs, and none is kept.</p>}
      {answer.kind === 'ready' && answer.value.length > 0 && (
        <Table
          label={`Containers of team ${team}`}
          columns={[
            ['Handle', ({ id }) => <code class="mono">{id}</code>],
            ['Step', ({ step_name: step, resource_name: resource }) => step ?? resource ?? ''],
            ['Build', (container) => (container.build_id === undefined ? `check of ${container.pipeline_name ?? 'an image'}` : <a href={href({ page: 'build', build: container.build_id, view: {} })}>{buildText(container)}</a>)],
            ['Kind', ({ type }) => type],
            ['Enter it', ({ id, type }) => <>{mayCall(team, 'HijackContainer') && (type !== 'check' || user.value?.is_admin === true) && <a href={terminalUrl(team, id)} target="_blank" rel="noopener">Terminal<span class="hidden-visually">{` in ${id}`}</span></a>} <code class="mono">{fly('intercept', '--handle', id)}</code></>],
          ]}
          rows={answer.value}
          keyOf={({ id }) => id}
        />
      )}
    </Panel>
  )
}

function buildText({ pipeline_name: pipeline, job_name: job, build_name: name, build_id: id }: Container): string {
  return job === undefined ? `#${id ?? ''}` : `${pipeline}/${job} #${name ?? ''}`
}
