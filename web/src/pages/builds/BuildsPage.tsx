import type { Build } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { Empty, Skeleton } from '../../parts/Notice.tsx'
import { Refused } from '../../parts/Refused.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { durationText } from '../../parts/time.ts'
import { shownVars } from '../../routes/instance-vars.ts'
import type { Place } from '../../routes/route.ts'
import type { JsonObject } from '../../../../src/model/json.ts'
import { Heading } from '../../shell/Heading.tsx'
import { href, replace } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { useTopic } from '../../store/use-topic.ts'
import { loginUrl, user } from '../../store/user.ts'
import type { PageProps } from '../registry.ts'
import { jobOf } from '../build/job-of.ts'
import css from './BuildsPage.module.css'

const kinds = [
  { status: undefined, text: 'All' },
  { status: 'started', text: 'Running' },
  { status: 'pending', text: 'Waiting' },
  { status: 'failed,errored', text: 'Failed' },
] as const

/** Builds of everything that somebody may see: running, waiting, recent ones. */
export default function BuildsPage({ route }: PageProps<'builds'>): preact.JSX.Element {
  const { status, team } = route
  const query = new URLSearchParams({ ...(status !== undefined && { status }), ...(team !== undefined && { team }) }).toString()
  const state = useTopic<Build>(query === '' ? 'builds' : `builds?${query}`)
  const teams = Object.keys(user.value?.teams ?? {})
  const show = (changed: { readonly status?: string | undefined; readonly team?: string | undefined }): void => {
    const next = { status, team, ...changed }
    replace({ page: 'builds', ...(next.status !== undefined && { status: next.status }), ...(next.team !== undefined && { team: next.team }) })
  }
  return (
    <section class={css.page}>
      <Heading title="Builds">Builds</Heading>
      <div class={css.filters} role="group" aria-label="Which builds">
        {kinds.map((kind) => (
          <button key={kind.text} class={css.chip} aria-pressed={status === kind.status} onClick={() => show({ status: kind.status })}>
            {kind.text}
          </button>
        ))}
        {teams.map((one) => (
          <button key={one} class={css.chip} aria-pressed={team === one} onClick={() => show({ team: team === one ? undefined : one })}>
            team {one}
          </button>
        ))}
      </div>
      {state.kind === 'loading' && <Skeleton />}
      {state.kind === 'refused' && <Refused status={state.status} subject="builds" loginUrl={loginUrl()} {...(user.value !== undefined && { person: user.value.user_name })} />}
      {state.kind === 'ready' && <Builds builds={state.items} />}
    </section>
  )
}

function Builds({ builds }: { readonly builds: readonly Build[] }): preact.JSX.Element {
  if (builds.length === 0) {
    return (
      <Empty title="No build matches">
        <p>{user.value === undefined ? 'Strangers see those of public pipelines; log in to see your teams’.' : 'Builds that begin appear here by themselves.'}</p>
      </Empty>
    )
  }
  return (
    <ol class={css.list} aria-label="Builds, the newest first">
      {builds
        .toSorted((a, b) => b.id - a.id)
        .map((build) => (
          <li key={build.id}>
            <a href={href(placeOf(build))}>
              <StateIcon state={stateOfStatus(build.status)} label="" /> {nameOf(build)}
            </a>
            <span>{stateOfStatus(build.status)}</span>
            <span class={css.team}>{build.team_name}</span>
            <span class={css.time}>{timeOf(build)}</span>
          </li>
        ))}
    </ol>
  )
}

function placeOf(build: Build): Place {
  const inJob = jobOf(build)
  return inJob === undefined ? { page: 'build', build: build.id, view: {} } : { page: 'job-build', id: inJob.id, job: inJob.job, build: build.name, view: {} }
}

function nameOf({ pipeline_name: pipeline, pipeline_instance_vars: vars, job_name: job, name, id }: Build): string {
  const shown = pipeline === undefined || vars === undefined ? pipeline : `${pipeline}/${shownVars(vars as JsonObject)}`
  if (job !== undefined) return `${shown ?? ''}/${job} #${name}`
  return shown === undefined ? `one-off #${id}` : `${shown} ${name} #${id}`
}

function timeOf({ start_time: start, end_time: end }: Build): preact.ComponentChildren {
  if (end !== undefined) {
    return (
      <>
        <Age at={end * 1000} now={now.value} /> ago{start !== undefined && `, took ${durationText((end - start) * 1000)}`}
      </>
    )
  }
  return start === undefined ? 'waits' : `for ${durationText(now.value - start * 1000)}`
}
