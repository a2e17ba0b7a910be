import type { Build } from '../../api/types.ts'
import { loginUrl, user } from '../../store/user.ts'
import css from './BuildView.module.css'

/** In the place of a build's steps: there are none yet, or whoever looks may not see them. */
export function NoSteps({ build: { status, start_time: start, team_name: team } }: { readonly build: Build }): preact.JSX.Element {
  const over = status !== 'pending' && status !== 'started'
  const person = user.value
  if (over && start === undefined) return <p class={css.none}>{`The build was ${status} before it began: it has no steps.`}</p>
  if (status === 'pending') return <p class={css.none}>The build has not started: its steps are planned when it does.</p>
  if (person === undefined) return <p class={css.none}><a href={loginUrl()}>Log in</a> to see the steps and their logs: the job is not public.</p>
  if (!person.is_admin && person.teams[team] === undefined) return <p class={css.none}>{`You need the role viewer in team ${team} to see the steps and their logs: the job is not public.`}</p>
  return <p class={css.none}>{over ? 'This build has no steps.' : 'The steps are being planned.'}</p>
}
