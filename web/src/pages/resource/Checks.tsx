import type { Resource } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { durationText } from '../../parts/time.ts'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'

/** When the resource was checked, and how that ended. */
export function Checks({ resource: { build, last_checked: checked } }: { readonly resource: Resource }): preact.JSX.Element {
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
    </section>
  )
}
