import type { Info, Worker } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Facts, Panel, Table } from '../../parts/Panel.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { now } from '../../store/now.ts'
import { useAnswer, type Answer } from '../../store/use-answer.ts'

interface Health {
  readonly status: string
  readonly runtime?: string
}

/** Whether the server is healthy, what it is, and where it runs steps. */
export function Server(): preact.JSX.Element {
  const health = useAnswer<Health>('/health')
  const info = useAnswer<Info>('/api/v1/info')
  const workers = useAnswer<readonly Worker[]>('/api/v1/workers')
  const managers = useAnswer<Readonly<Record<string, unknown>>>('/api/v1/info/creds')
  const known = info.kind === 'ready' ? info.value : undefined
  const creds = managers.kind === 'ready' ? Object.keys(managers.value) : []
  return (
    <Panel title="Server">
      {health.kind === 'failed' && <Failure error={health.error} retry={health.retry} />}
      <Facts
        facts={[
          ['Health', healthText(health)],
          ['Runs steps on', health.kind === 'ready' ? health.value.runtime : undefined],
          ['Speaks', known && `Concourse ${known.version}`],
          ['External URL', known?.external_url],
          ['Cluster', known?.cluster_name],
          ['Credential managers', managers.kind === 'ready' ? (creds.length === 0 ? 'none' : creds.join(', ')) : undefined],
        ]}
      />
      {workers.kind === 'ready' && (
        <Table
          label="Where steps run"
          columns={[
            ['Runtime', ({ name }) => name],
            ['State', ({ state }) => state],
            ['Platform', ({ platform, tags }) => [platform, ...tags].join(', ')],
            ['Containers', (worker) => String(worker.active_containers)],
            ['Tasks', (worker) => String(worker.active_tasks)],
            ['Base resource types', (worker) => worker.resource_types.map(({ type }) => type).join(', ')],
            ['Started', ({ start_time: at }) => <><Age at={at * 1000} now={now.value} /> ago</>],
          ]}
          rows={workers.value}
          keyOf={({ name }) => name}
        />
      )}
    </Panel>
  )
}

function healthText(answer: Answer<Health>): preact.JSX.Element | undefined {
  if (answer.kind === 'loading') return undefined
  const fine = answer.kind === 'ready'
  return (
    <>
      <StateIcon state={fine ? 'succeeded' : 'failed'} label="" /> {fine ? 'healthy: the database answers' : answer.error.message}
    </>
  )
}
