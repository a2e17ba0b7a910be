import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { dateText } from '../../parts/time.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { useEffect, useRef } from 'preact/hooks'
import { useKeys } from '../../parts/use-keys.tsx'
import { Heading } from '../../shell/Heading.tsx'
import type { Build } from '../../api/types.ts'
import { abort, rerun } from '../../store/build-actions.ts'
import type { BuildData } from '../../store/build.ts'
import { median } from '../../store/durations.ts'
import { href } from '../../store/navigation.ts'
import { apiPath } from '../../store/paths.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { duration } from '../../timeline/scale.ts'
import { TriggerWith } from '../job/TriggerWith.tsx'
import { BuildComment } from './BuildComment.tsx'
import css from './BuildHeader.module.css'
import { causeOf, type BuildResources, type Cause } from './cause.ts'
import { ConfigLink } from './ConfigLink.tsx'
import { buildTook } from './took.ts'
import { titleOf } from './title.ts'
import { jobOf } from './job-of.ts'
import { History } from './History.tsx'
import { TellEnd } from './TellEnd.tsx'

export interface BuildHeaderProps {
  readonly data: BuildData
  readonly now: number
}

type Beside = 'prev' | 'next'

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })

/** What the build is, why it is there, how long it takes, the builds beside it, and what can be done. */
export function BuildHeader({ data: { build, config, steps }, now }: BuildHeaderProps): preact.JSX.Element {
  const { id: buildId, status, start_time: start } = build
  const inJob = jobOf(build)
  const answer = useAnswer<readonly Build[]>(inJob === undefined ? undefined : apiPath(inJob.id, ['jobs', inJob.job, 'builds'], { limit: '20' }), `${buildId} ${status}`)
  const resources = useAnswer<BuildResources>(`/api/v1/builds/${buildId}/resources`, status)
  const newest = answer.kind === 'ready' ? answer.value : []
  // A build of long ago has its own neighbours.
  const isOld = answer.kind === 'ready' && !newest.some((other) => other.id === buildId)
  const then = useAnswer<readonly Build[]>(inJob === undefined || !isOld ? undefined : apiPath(inJob.id, ['jobs', inJob.job, 'builds'], { to: String(buildId), limit: '20' }))
  const around = then.kind === 'ready' ? then.value : newest
  const cause = causeOf(build, resources.kind === 'ready' ? resources.value : undefined)
  const usual = median(around.filter((other) => other.id !== buildId))
  const took = buildTook(build, now)
  const word = status === 'started' ? 'running' : status
  const title = titleOf(build, steps)
  const over = status !== 'pending' && status !== 'started'
  const header = useRef<HTMLElement>(null)
  const loading = answer.kind === 'loading' || (isOld && then.kind === 'loading')
  // The key that came before the builds were there.
  const wanted = useRef<Beside | undefined>(undefined)
  const follow = (rel: Beside): void => {
    wanted.current = loading ? rel : undefined
    if (!loading) header.current?.querySelector<HTMLAnchorElement>(`a[rel=${rel}]`)?.click()
  }
  useEffect(() => {
    if (wanted.current !== undefined) follow(wanted.current)
  }, [loading])
  useKeys(inJob === undefined ? {} : {
    h: ['go to the build before', () => follow('prev')],
    l: ['go to the build after', () => follow('next')],
  })
  return (
    <header ref={header} class={css.header}>
      <Heading state={stateOfStatus(status)} title={`${title} ${word}`} class={css.title ?? ''}>
        <StateIcon state={stateOfStatus(status)} label="" /> {title} <span class={css.word}>{word}</span>
      </Heading>
      {/* Told when it changes: a live region within the heading would be left out of the heading's name. */}
      <p class="hidden-visually" role="status">{`${title} ${word}`}</p>
      <p class={css.facts}>
        <CauseText cause={cause} />
        {start !== undefined && <time dateTime={new Date(start * 1_000).toISOString()} title={dateText(start * 1_000)}>{clock.format(start * 1_000)}</time>}
        {took !== undefined && <b>{duration(took)}</b>}
        {usual !== undefined && <span>{`(median ${duration(usual)})`}</span>}
      </p>
      <BuildComment build={build} />
      <span class={css.space} />
      {inJob !== undefined && <History builds={around} current={build} hrefOf={(name) => href({ page: 'job-build', id: inJob.id, job: inJob.job, build: name, view: {} })} />}
      {inJob !== undefined && <ConfigLink inJob={inJob} config={config} />}
      {!over && <TellEnd build={build} />}
      {!over && <ActionButton action={abort(build.team_name, build)} typed="A" />}
      {over && inJob !== undefined && <ActionButton action={rerun(inJob, build.name)} typed="R" />}
      {inJob !== undefined && <TriggerWith now={inJob} typed="T" />}
    </header>
  )
}

function CauseText({ cause }: { readonly cause: Cause }): preact.JSX.Element | null {
  switch (cause.kind) {
    case 'person': return <span>triggered by <b>{cause.name}</b></span>
    case 'rerun': return <span>{`run again from #${cause.of}`}</span>
    case 'version':
      return (
        <span>
          new version of <b>{cause.resource}</b> <span class="mono">{cause.version}</span>
          {cause.more > 0 && ` and ${cause.more} more`}
        </span>
      )
    case 'unknown': return null
  }
}
