import { useLayoutEffect, useMemo, useState } from 'preact/hooks'
import type { Selection } from '../../log/protocol.ts'
import { Notice } from '../../parts/Notice.tsx'
import { useKeys } from '../../parts/use-keys.tsx'
import type { BuildView as View } from '../../routes/route.ts'
import type { Step } from '../../api/types.ts'
import { openBuildLog } from '../../store/build-log.ts'
import type { BuildData, BuildRoute } from '../../store/build.ts'
import type { LogPlace } from '../../store/log-part.ts'
import { href, replace } from '../../store/navigation.ts'
import { scaleOf } from '../../timeline/scale.ts'
import { Timeline } from '../../timeline/Timeline.tsx'
import { rowsOf, stepToShow } from '../../timeline/tree.ts'
import { BuildHeader } from './BuildHeader.tsx'
import { BuildSummary } from './BuildSummary.tsx'
import css from './BuildView.module.css'
import { GivenByHand } from './GivenByHand.tsx'
import { NoSteps } from './NoSteps.tsx'
import { StepPane } from './StepPane.tsx'
import { useCrumbs } from './use-crumbs.ts'
import { useTests } from './use-tests.ts'
import { buildTook } from './took.ts'
import { useSeconds } from './use-seconds.ts'

export interface BuildViewProps {
  readonly route: BuildRoute
  readonly data: BuildData
  /** The server no longer has it. */
  readonly gone: boolean
}

/** A build: what it is and why, its steps over time, and what is known of one of them. */
export function BuildView({ route, data, gone }: BuildViewProps): preact.JSX.Element {
  const { build, steps, why } = data
  const over = build.status !== 'pending' && build.status !== 'started'
  const now = useSeconds(!over)
  const rows = useMemo(() => rowsOf(steps, over), [steps, over])
  const { view } = route
  const asked = view.lines?.plan ?? view.step
  // What runs changes: until somebody chooses, the page goes along; once a build is over it stays.
  const usual = stepToShow(rows, steps)
  const selected = rows.some(({ step }) => step.id === asked) ? asked : usual
  const selectedState = rows.find(({ step }) => step.id === selected)?.step.state
  const first = selected === undefined ? undefined : firstSeen(selected, selectedState, view.lines?.plan === selected ? view.lines : undefined)
  const log = useMemo(() => openBuildLog(build.id, !over, first), [build.id])
  // A layout effect: a page that is replaced at once has run no other, and its log would stay open.
  useLayoutEffect(() => log.close, [log])
  useLayoutEffect(() => {
    if (first !== undefined) log.showFirst(first)
  }, [log, selected])
  const scale = useMemo(() => scaleOf(steps, { began: ms(build.start_time), ended: over ? ms(build.end_time) : undefined, now }), [steps, over, now])

  const show = (next: View): void => replace({ ...route, view: next })
  const { tab, q } = view
  const kept: View = { ...(tab !== undefined && { tab }), ...(q !== undefined && { q }) }
  const choose = (step: string): void => show({ ...kept, step })
  const withLines = ({ first, last }: Selection, plan: string): View => ({ ...kept, lines: { plan, first, ...(last !== first && { last }) } })
  const move = (by: 1 | -1): void => {
    const at = rows.findIndex(({ step }) => step.id === selected)
    const next = rows[at + by]
    if (next !== undefined) choose(next.step.id)
  }
  useKeys({ '[': ['select the step before', () => move(-1)], ']': ['select the step after', () => move(1)] })
  useCrumbs(build, steps)
  const tests = useTests(build, steps)
  const [paneOpen, setPaneOpen] = useState(0)

  const row = rows.find(({ step }) => step.id === selected)
  return (
    <div class={css.page}>
      {gone && <Notice kind="warning">{`This build is no longer kept${build.name === 'check' ? ': a newer check has followed it' : ''}. What was read of it stays until you leave the page.`}</Notice>}
      <BuildHeader data={data} now={now} />
      <GivenByHand build={build} />
      <BuildSummary build={build} steps={steps} why={why} now={now} log={log} tests={tests} hrefOf={(plan, of) => href({ ...route, view: { step: plan, tab: of } })} onLine={(plan, line) => {
        show({ lines: { plan, first: line } })
        setPaneOpen(paneOpen + 1)
      }} />
      {row === undefined && <NoSteps build={build} />}
      {row !== undefined && (
        <div class={css.main}>
          <Timeline rows={rows} steps={steps} scale={scale} now={now} took={buildTook(build, now)} selected={selected} onSelect={choose} />
          <StepPane
            key={`${row.step.id} ${paneOpen}`}
            row={row}
            steps={steps}
            build={build}
            log={log}
            tests={tests}
            now={now}
            view={view}
            onTab={(next) => show({ ...view, tab: next })}
            onQuery={(query) => {
              const { q: _, ...rest } = view
              show(query === '' ? rest : { ...rest, q: query })
            }}
            onSelect={(lines) => show(lines === undefined ? { ...kept, step: row.step.id } : withLines(lines, row.step.id))}
            hrefOfSearch={(text) => href({ ...route, view: { step: row.step.id, q: text } })}
            hrefOf={(lines) => href({ ...route, view: withLines(lines, row.step.id) })}
          />
        </div>
      )}
    </div>
  )
}

function firstSeen(step: string, state: Step['state'] | undefined, lines: { readonly first: number; readonly last?: number } | undefined): LogPlace {
  if (lines !== undefined) return { step, at: { first: lines.first, last: lines.last ?? lines.first } }
  return { step, at: state === 'failed' || state === 'errored' ? 'end' : 'start' }
}

const ms = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : seconds * 1_000)
