import { useState } from 'preact/hooks'
import type { Build, BuildTests, Step, TestCase, TestSuite } from '../../api/types.ts'
import { Failure } from '../../parts/Failure.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { useAnswer } from '../../store/use-answer.ts'
import { duration } from '../../timeline/scale.ts'
import { Nothing } from './Facts.tsx'
import { countsOf, countsText, shownCases, type ShownCase } from './test-cases.ts'
import css from './TestsTab.module.css'

interface TestsTabProps {
  readonly build: Build
  readonly step: Step
  /** To the log of the step, where a text is looked for. */
  readonly hrefOfLog: (text: string) => string
}

/** What the step's tests reported, those that failed first. */
export function TestsTab({ build, step, hrefOfLog }: TestsTabProps): preact.JSX.Element {
  const answer = useAnswer<BuildTests>(`/api/v1/builds/${build.id}/tests`, `${step.state} ${step.outputs.length}`)
  switch (answer.kind) {
    case 'loading': return <Skeleton rows={6} />
    case 'failed': return <Failure error={answer.error} retry={answer.retry} />
    case 'ready': {
      const suites = answer.value.suites.filter(({ plan }) => plan === step.id)
      return <Report suites={suites} leftOut={answer.value.left_out} over={step.t.end !== undefined} hrefOfLog={hrefOfLog} />
    }
  }
}

/** In the page at a time. */
const pageSize = 200

function Report({ suites, leftOut, over, hrefOfLog }: { readonly suites: readonly TestSuite[]; readonly leftOut: readonly string[]; readonly over: boolean; readonly hrefOfLog: (text: string) => string }): preact.JSX.Element {
  const [text, setText] = useState('')
  const [most, setMost] = useState(pageSize)
  const cases = shownCases(suites, text)
  const leftOutList = leftOut.length > 0 && (
    <ul class={css.leftOut}>
      {leftOut.map((why) => <li key={why}>{why}</li>)}
    </ul>
  )
  if (suites.length === 0) return <>{leftOutList}<Nothing>{over ? 'It left no test report: files named junit*.xml or TEST-*.xml in its outputs are read.' : 'Its test reports are read when it is over.'}</Nothing></>
  return (
    <div class={css.tests}>
      <header>
        <p role="status">{countsText(countsOf(suites))}</p>
        <input type="search" aria-label="Find a test" placeholder="find a test" value={text} onInput={(event) => {
          setText(event.currentTarget.value)
          setMost(pageSize)
        }} />
      </header>
      {leftOutList}
      <ul class={css.cases}>
        {cases.slice(0, most).map((one) => <Case key={one.key} shown={one} hrefOfLog={hrefOfLog} />)}
      </ul>
      {cases.length === 0 && <p class="dim">No test has that name.</p>}
      {cases.length > most && <button onClick={() => setMost(most + pageSize)}>{`${cases.length - most} more: show the next`}</button>}
    </div>
  )
}

const icon = { passed: 'succeeded', failed: 'failed', errored: 'errored', skipped: 'aborted' } as const satisfies Record<TestCase['state'], string>

function Case({ shown: { test, suite }, hrefOfLog }: { readonly shown: ShownCase; readonly hrefOfLog: (text: string) => string }): preact.JSX.Element {
  const { name, class: className, state, ms, message, text, output } = test
  const bad = state === 'failed' || state === 'errored'
  return (
    <li data-state={state}>
      <StateIcon state={icon[state]} label={state} />
      <div>
        <p>
          <b>{name}</b> <span class="dim">{[className, suite].filter((part) => part !== undefined && part !== '' && part !== name).join(' · ')}</span>
          {ms !== undefined && <span class="dim"> {duration(ms)}</span>}
          {bad && <> <a href={hrefOfLog(name)}>in the log</a></>}
        </p>
        {message !== undefined && <p class={bad ? css.message : 'dim'}>{message}</p>}
        {bad && (text !== undefined || output !== undefined) && (
          <details>
            <summary>Details</summary>
            {[text, output].map((said, index) => said !== undefined && (
              // A region that scrolls is reached by the keyboard.
              // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
              <pre key={index} class="mono" tabIndex={0}>{said}</pre>
            ))}
          </details>
        )}
      </div>
    </li>
  )
}
