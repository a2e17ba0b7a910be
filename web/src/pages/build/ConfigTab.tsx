import { useEffect, useState } from 'preact/hooks'
import type { Step } from '../../api/types.ts'
import type { TaskConfig } from '../../log/events.ts'
import type { BuildLog } from '../../store/build-log.ts'
import { Skeleton } from '../../parts/Notice.tsx'
import { hasOwnLog } from '../../timeline/tree.ts'
import { Facts, Nothing, type Fact } from './Facts.tsx'
import { Value } from './OutputsTab.tsx'

/** How much of the build's events was there. */
type Read = 'none' | 'some' | 'all'

/** What the step was given: a task's config, a get's version and metadata. */
export function ConfigTab({ step, log }: { readonly step: Step; readonly log: BuildLog }): preact.JSX.Element {
  const [answer, setAnswer] = useState<{ readonly read: Read; readonly config: TaskConfig | undefined }>()
  const config = answer?.config
  const { state } = log
  // It comes with the step's events, which may not have been read yet.
  const read: Read = state.value === undefined ? 'none' : state.value.ended ? 'all' : 'some'
  useEffect(() => {
    let wanted = true
    void log.client.ask({ kind: 'config', step: step.id }).then((found) => {
      if (wanted) setAnswer({ read, config: found })
    })
    return () => {
      wanted = false
    }
  }, [step.id, step.state, read])
  const { version, metadata, resource, values } = step
  const shown = config !== undefined || version !== undefined || resource !== undefined || values !== undefined
  if (!shown && mayFollow(step, log, answer?.read)) return <Skeleton />
  if (!shown) return <Nothing>{step.state === 'pending' || step.state === 'waiting' ? 'Known when it starts.' : 'Nothing is recorded of what it was given.'}</Nothing>
  return (
    <>
      {config !== undefined && (
        <Facts
          title="Task"
          facts={[
            ['Runs', <code key="runs" class="mono">{[config.path, ...config.args].map(quoted).join(' ')}</code>],
            ['Directory', config.dir === '' ? undefined : config.dir],
            ['Platform', config.platform],
            ['Image', config.image === '' ? undefined : config.image],
            ['Inputs', config.inputs.length === 0 ? undefined : config.inputs.map(({ name, path }) => (path === '' || path === name ? name : `${name} at ${path}`)).join(', ')],
          ]}
        />
      )}
      <Facts title="Across" facts={(values ?? []).map((value, index): Fact => [`Value ${index + 1}`, typeof value === 'string' ? value : JSON.stringify(value)])} />
      <Facts title="Resource" facts={[['Name', resource], ...Object.entries(version ?? {})]} />
      <Facts title="Metadata" facts={(metadata ?? []).map(({ name, value }): Fact => [name, <Value key={name} text={value} />])} />
    </>
  )
}

/** Whether what it was given may be among events that are still to be read. */
const mayFollow = ({ kind, state }: Step, { problem }: BuildLog, read: Read | undefined): boolean =>
  hasOwnLog(kind) && state !== 'pending' && state !== 'waiting' && state !== 'skipped' && problem.value === undefined && read !== 'all'

const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
