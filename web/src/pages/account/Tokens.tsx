import { useState } from 'preact/hooks'
import type { ApiToken, User } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { Failure } from '../../parts/Failure.tsx'
import { Command, Notice, Skeleton } from '../../parts/Notice.tsx'
import { Panel, Table } from '../../parts/Panel.tsx'
import { dateText } from '../../parts/time.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { now } from '../../store/now.ts'
import { revokeToken } from '../../store/token-actions.ts'
import { useAnswer } from '../../store/use-answer.ts'
import css from '../../parts/Fields.module.css'
import { NewToken } from './NewToken.tsx'

/** Tokens that this person made for machines. */
export function Tokens({ user }: { readonly user: User }): preact.JSX.Element {
  const [version, setVersion] = useState(0)
  const [made, setMade] = useState<ApiToken>()
  const answer = useAnswer<readonly ApiToken[]>('/api/v1/tokens', version)
  const changed = (): void => setVersion((count) => count + 1)
  return (
    <Panel title="API tokens">
      <p class={css.note}>For machines that use the API, fly or airside as you. Each has a limit: a time, and if you like a team and a role.</p>
      {made?.value !== undefined && (
        <Notice kind="info" actions={<button onClick={() => setMade(undefined)}>I have copied it</button>}>
          The text of token {made.name}. It is shown this once:
          <Command>{made.value}</Command>
        </Notice>
      )}
      {answer.kind === 'loading' && <Skeleton rows={2} />}
      {answer.kind === 'failed' && <Failure error={answer.error} retry={answer.retry} />}
      {answer.kind === 'ready' && answer.value.length > 0 && (
        <Table
          label="Your API tokens"
          columns={[
            ['Name', ({ name }) => name],
            ['Begins with', ({ prefix }) => <code class="mono">{prefix}…</code>],
            ['May', ceilingText],
            ['Made', ({ created_at: at }) => <><Age at={at * 1000} now={now.value} /> ago</>],
            ['Ends', ({ expires_at: at }) => dateText(at * 1000)],
            ['Used', ({ last_used_at: at }) => (at === undefined ? 'never' : <><Age at={at * 1000} now={now.value} /> ago</>)],
            ['Actions', (token) => <ActionButton action={revokeToken(token)} name={`Revoke ${token.name}`} onDone={changed} />],
          ]}
          rows={answer.value}
          keyOf={({ id }) => id}
        />
      )}
      {answer.kind === 'ready' && answer.value.length === 0 && <p class={css.note}>You have none.</p>}
      <NewToken
        teams={Object.keys(user.actions ?? user.teams).toSorted()}
        onMade={(token) => {
          setMade(token)
          changed()
        }}
      />
    </Panel>
  )
}

function ceilingText({ team, role }: ApiToken): string {
  const what = role === undefined ? 'what you may' : `what a ${role} may`
  return team === undefined ? `${what}, in each of your teams` : `${what}, in team ${team}`
}
