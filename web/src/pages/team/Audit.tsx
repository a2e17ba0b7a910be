import { useState } from 'preact/hooks'
import type { AuditEntry } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { Panel, Table } from '../../parts/Panel.tsx'
import { now } from '../../store/now.ts'
import { useAnswer } from '../../store/use-answer.ts'
import css from './TeamPage.module.css'

const perPage = 50

/** Who did what, and what was refused, the newest first. */
export function Audit({ title, path }: { readonly title: string; readonly path: string }): preact.JSX.Element {
  const [to, setTo] = useState<number>()
  const answer = useAnswer<readonly AuditEntry[]>(`${path}?limit=${perPage}${to === undefined ? '' : `&to=${to}`}`)
  const last = answer.kind === 'ready' && answer.value.length === perPage ? answer.value.at(-1) : undefined
  const buttons = (
    <>
      {to !== undefined && <button onClick={() => setTo(undefined)}>Newest</button>}
      {last !== undefined && <button onClick={() => setTo(last.id - 1)}>Older →</button>}
    </>
  )
  return (
    <Panel title={title} actions={buttons}>
      {answer.kind === 'loading' && <Skeleton />}
      {answer.kind === 'failed' && <Failure error={answer.error} retry={answer.retry} />}
      {answer.kind === 'ready' && answer.value.length === 0 && <p class="dim">Nothing was done.</p>}
      {answer.kind === 'ready' && answer.value.length > 0 && (
        <Table
          label={title}
          columns={[
            ['Action', ({ action }) => action],
            ['Who', ({ user, token, address }) => `${user?.name ?? 'a stranger'}${token?.kind === 'api' ? ` by token ${token.id}` : ''} from ${address}`],
            ['When', ({ time }) => <><Age at={time * 1000} now={now.value} /> ago</>],
            ['On', ({ subject }) => <span class="mono">{subject}</span>],
            ['Answer', ({ status }) => String(status)],
            ['Details', ({ detail }) => (detail === undefined ? '' : <span class={`mono ${css.entry}`}>{JSON.stringify(detail)}</span>)],
          ]}
          rows={answer.value}
          keyOf={({ id }) => id}
        />
      )}
    </Panel>
  )
}
