import type { ActiveUser } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { Panel, Table } from '../../parts/Panel.tsx'
import { now } from '../../store/now.ts'
import { useAnswer } from '../../store/use-answer.ts'

/** Who has logged in within the last two months. */
export function ActiveUsers(): preact.JSX.Element {
  const answer = useAnswer<readonly ActiveUser[]>('/api/v1/users')
  return (
    <Panel title="Active users, of two months">
      {answer.kind === 'loading' && <Skeleton rows={2} />}
      {answer.kind === 'failed' && <Failure error={answer.error} retry={answer.retry} />}
      {answer.kind === 'ready' && (
        <Table
          label="Active users"
          columns={[
            ['User', ({ username }) => username],
            ['Known to', ({ connector }) => connector],
            ['Last login', ({ last_login: at }) => <><Age at={at * 1000} now={now.value} /> ago</>],
          ]}
          rows={answer.value}
          keyOf={({ id }) => id}
        />
      )}
    </Panel>
  )
}
