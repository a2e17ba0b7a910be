import type { Resource } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { durationText } from '../../parts/time.ts'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { useText } from '../../store/use-answer.ts'
import { user } from '../../store/user.ts'
import { lastLines } from './last-lines.ts'
import css from './ResourceView.module.css'

/** When the resource was checked, how that ended, and what a check that failed printed last. */
export function Checks({ resource: { build, last_checked: checked, team_name: team } }: { readonly resource: Resource }): preact.JSX.Element {
  // Who is not of the team may not read the log.
  const mayRead = user.value?.is_admin === true || user.value?.teams[team] !== undefined
  const failed = mayRead && (build?.status === 'failed' || build?.status === 'errored') ? build.id : undefined
  return (
    <section>
      <h2>Check</h2>
      <p>
        {checked === undefined ? (
          'It has not been checked yet.'
        ) : (
          <>
            The last one ended <Age at={checked * 1000} now={now.value} /> ago.
          </>
        )}
      </p>
      {build !== undefined && (
        <p>
          <StateIcon state={stateOfStatus(build.status)} label="" />{' '}
          <a href={href({ page: 'build', build: build.id, view: {} })}>
            The check {build.status === 'started' ? 'runs' : build.status === 'pending' ? 'waits' : build.status}
          </a>
          {build.start_time !== undefined && build.end_time !== undefined && ` after ${durationText((build.end_time - build.start_time) * 1000)}`}
        </p>
      )}
      {failed !== undefined && <LastLines build={failed} />}
    </section>
  )
}

const mostLines = 8

function LastLines({ build }: { readonly build: number }): preact.JSX.Element | null {
  const answer = useText(`/api/v1/builds/${build}/log?tail=${mostLines}&ansi=strip`)
  const text = answer.kind === 'ready' ? lastLines(answer.value) : ''
  return text === '' ? null : <pre class={css.printed} role="group" aria-label="What it printed last" tabIndex={0}>{text}</pre>
}
