import { useEffect, useState } from 'preact/hooks'
import type { Build, BuildTests, Step, Why } from '../../api/types.ts'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { ActionButton } from '../../shell/ActionButton.tsx'
import { rerunFrom } from '../../store/build-actions.ts'
import type { BuildLog } from '../../store/build-log.ts'
import { now as clock } from '../../store/now.ts'
import { WhyList } from '../job/WhyList.tsx'
import css from './BuildSummary.module.css'
import { endOf, keptText } from './end.ts'
import { jobOf } from './job-of.ts'
import { TerminalLink } from './TerminalLink.tsx'
import { TestCounts } from './TestCounts.tsx'
import { summaryText } from './test-cases.ts'

export interface BuildSummaryProps {
  readonly build: Build
  readonly steps: readonly Step[]
  readonly why: Why | undefined
  readonly now: number
  readonly log: BuildLog
  readonly tests: BuildTests | undefined
  readonly onLine: (plan: string, line: number) => void
  /** To a step, with a tab open. */
  readonly hrefOf: (plan: string, tab: string) => string
}

/** The sentence that a person came for: which step ended the build and how, or what the build waits for. */
export function BuildSummary({ build, steps, why, now, log, tests, onLine, hrefOf }: BuildSummaryProps): preact.JSX.Element | null {
  const end = endOf(build, steps, now)
  const error = useFirstError(log, end?.step.id)
  const job = jobOf(build)
  if (build.status === 'pending') return <Waiting why={why} />
  const said = tests && summaryText(tests.counts)
  const counts = tests !== undefined && said !== undefined && <TestCounts tests={tests} text={said} hrefOf={(plan) => hrefOf(plan, 'tests')} />
  if (end === undefined) {
    return counts === false ? null : (
      <div class={css.summary} role="status">
        <StateIcon state={tests !== undefined && tests.counts.failed + tests.counts.errored > 0 ? 'failed' : 'succeeded'} label="" />
        {counts}
      </div>
    )
  }
  const { image } = end.step
  const changedSince = image?.former !== undefined && image.former.digest !== image.digest ? image.former.build : undefined
  return (
    <div class={`${css.summary} ${css[stateOfStatus(build.status)]}`} role="status">
      <StateIcon state={stateOfStatus(build.status)} label="" />
      <p>
        <b>{end.subject}</b> {`${end.text}.`}
        {error !== undefined && (
          <>
            {' First error at '}
            <button class={css.link} onClick={() => onLine(end.step.id, error.line)} title={error.text}>
              {`line ${new Intl.NumberFormat('en').format(error.line)}`}
            </button>
            {'.'}
          </>
        )}
        {changedSince !== undefined && (
          <>
            {' Its image has '}
            <a href={hrefOf(end.step.id, 'image')}>{`changed since #${changedSince}`}</a>
            {'.'}
          </>
        )}
      </p>
      {counts}
      <TerminalLink build={build} step={end.step} />
      {job !== undefined && <ActionButton action={rerunFrom(job, build.name, end.step.id)} name={`Rerun from here: ${end.subject}`} />}
      {end.step.container?.state === 'kept' && <span class="dim">{keptText(end.step.container.endsAt, clock.value)}</span>}
    </div>
  )
}

const Waiting = ({ why }: { readonly why: Why | undefined }): preact.JSX.Element => (
  <div class={`${css.summary} ${css.pending}`} role="status">
    <StateIcon state="pending" label="" />
    {why === undefined ? <p>The build waits to be looked at by the scheduler.</p> : <WhyList why={why} />}
  </div>
)

/** Looked for when the step's log is complete: before, the first error may not be there yet. */
function useFirstError(log: BuildLog, step: string | undefined): { readonly line: number; readonly text: string } | undefined {
  const [found, setFound] = useState<{ readonly line: number; readonly text: string } | undefined>(undefined)
  const complete = log.state.value?.ended === true
  useEffect(() => {
    if (step === undefined || !complete) return undefined
    let wanted = true
    void log.client.ask({ kind: 'first-error', step }).then((error) => {
      if (wanted) setFound(error)
    })
    return () => {
      wanted = false
    }
  }, [step, complete])
  return found
}
