import { LogPane } from '../../log/LogPane.tsx'
import type { Selection } from '../../log/protocol.ts'
import type { BuildView as View } from '../../routes/route.ts'
import { downloadLog, type BuildLog } from '../../store/build-log.ts'
import { notLiveSince } from '../../store/connection.ts'
import type { Build, BuildTests, Step } from '../../api/types.ts'
import { hasOwnLog, type Row } from '../../timeline/tree.ts'
import { shortWait } from '../../timeline/waits.ts'
import { ConfigTab } from './ConfigTab.tsx'
import { ImageStrip } from './ImageStrip.tsx'
import { ImageTab } from './ImageTab.tsx'
import { OutputsTab } from './OutputsTab.tsx'
import css from './StepPane.module.css'
import { TerminalLink } from './TerminalLink.tsx'
import { Tabs } from './Tabs.tsx'
import { tabText } from './test-cases.ts'
import { TestsTab } from './TestsTab.tsx'

export interface StepPaneProps {
  readonly row: Row
  readonly steps: readonly Step[]
  readonly build: Build
  readonly log: BuildLog
  /** Of the build, with the cases that failed; undefined: not known (yet). */
  readonly tests: BuildTests | undefined
  readonly now: number
  readonly view: View
  readonly onTab: (tab: string) => void
  readonly onQuery: (query: string) => void
  readonly onSelect: (lines: Selection | undefined) => void
  readonly hrefOf: (lines: Selection) => string
  /** Of the step's log, where a text is looked for. */
  readonly hrefOfSearch: (text: string) => string
}

/** All that is known of one step. */
export function StepPane({ row, steps, build, log, tests, now, view, onTab, onQuery, onSelect, hrefOf, hrefOfSearch }: StepPaneProps): preact.JSX.Element {
  const { step, kind, name } = row
  const tabs = [
    { id: 'log', label: 'Log' },
    { id: 'image', label: 'Image', more: ' & container' },
    ...(kind === 'task' ? [{ id: 'tests', label: tabText(tests?.suites, step.id) }] : []),
    { id: 'outputs', label: step.outputs.length === 0 ? 'Outputs' : `Outputs ${step.outputs.length + (step.moreOutputs ?? 0)}` },
    { id: 'config', label: 'Inputs', more: ' & config' },
  ]
  const chosen = tabs.some(({ id }) => id === view.tab) ? (view.tab ?? 'log') : 'log'
  const running = step.state === 'running' || step.state === 'waiting' || step.state === 'pending'
  const buildRuns = build.status === 'started' || build.status === 'pending'
  const lines = view.lines?.plan === step.id ? { first: view.lines.first, last: view.lines.last ?? view.lines.first } : undefined
  return (
    <section class={css.pane} aria-label={`${kind} ${name}`}>
      <Tabs tabs={tabs} chosen={chosen} onChoose={onTab} />
      <div class={css.panel} role="tabpanel" id={`panel-${chosen}`} aria-labelledby={`tab-${chosen}`}>
        {chosen === 'log' && (
          <>
            <ImageStrip step={step} steps={steps} now={now} />
            <LogPane
              client={log.client}
              step={step.id}
              state={log.state.value}
              running={running && buildRuns}
              live={notLiveSince.value === undefined}
              failed={step.state === 'failed' || step.state === 'errored'}
              began={step.t.start ?? step.t.turn}
              selection={lines}
              onSelect={onSelect}
              hrefOf={hrefOf}
              query={view.q ?? ''}
              onQuery={onQuery}
              empty={log.problem.value ?? emptyText(step, { buildRuns, read: log.state.value?.ended === true })}
              download={() => void downloadLog(build.id, step.id, `${build.pipeline_name ?? build.team_name}-${build.job_name ?? 'build'}-${build.name}-${name || kind}.log`)}
            />
          </>
        )}
        {chosen === 'image' && (
          <>
            <ImageTab build={build} step={step} steps={steps} now={now} />
            <p class={css.terminal}>
              <TerminalLink build={build} step={step} />
            </p>
          </>
        )}
        {chosen === 'tests' && <TestsTab key={step.id} build={build} step={step} hrefOfLog={hrefOfSearch} />}
        {chosen === 'outputs' && <OutputsTab key={step.id} build={build} step={step} />}
        {chosen === 'config' && <ConfigTab step={step} log={log} />}
      </div>
    </section>
  )
}

function emptyText(step: Step, { buildRuns, read }: { readonly buildRuns: boolean; readonly read: boolean }): string {
  if (!hasOwnLog(step.kind)) return 'Its steps have logs of their own.'
  switch (step.state) {
    case 'pending': return buildRuns ? 'Its turn has not come yet.' : 'The build ended before its turn came.'
    case 'waiting': return shortWait(step.waits.at(-1)?.message ?? 'It waits for its container.', step.image)
    case 'running': return 'It runs and has printed nothing yet.'
    case 'skipped': return 'It did not run.'
    default:
      if (step.reusedFrom !== undefined) return `It was not run again: it is taken as it ended in build #${step.reusedFrom}, whose log it is.`
      if (step.cache === 'hit') return 'Nothing ran: the version was in the cache.'
      return read ? 'It printed nothing.' : 'Its log is being read.'
  }
}
