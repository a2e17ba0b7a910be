import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ConfigVersion } from '../../api/types.ts'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { Command, Skeleton } from '../../parts/Notice.tsx'
import { FailedPage } from '../../shell/failed/FailedPage.tsx'
import { RefusedPage } from '../../shell/StatePages.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { SetPipelineButton } from '../../shell/set-pipeline/SetPipelineButton.tsx'
import { refusalOf } from '../../store/action.ts'
import { airside, fly, flyPipeline } from '../../store/fly.ts'
import { href } from '../../store/navigation.ts'
import { apiPath } from '../../store/paths.ts'
import { usePipeline } from '../../store/pipeline.ts'
import { setPipeline } from '../../store/pipeline-changes.ts'
import { useAnswer, useConfig } from '../../store/use-answer.ts'
import type { PageProps } from '../registry.ts'
import { ConfigDiff } from './ConfigDiff.tsx'
import { ConfigLines } from './ConfigLines.tsx'
import { Compared } from './Compared.tsx'
import { ShownVersion } from './ShownVersion.tsx'
import { toYaml } from './to-yaml.ts'
import { VersionList } from './VersionList.tsx'
import css from './ConfigPage.module.css'

/** `/teams/T/pipelines/P/config`: what is set now, or was in one of the versions that are kept, and what differs between two of them. */
export default function ConfigPage({ route: { id, version, from, job } }: PageProps<'pipeline-config'>): preact.JSX.Element {
  const pathOf = (wanted: number | undefined): string => apiPath(id, wanted === undefined ? ['config'] : ['config', 'versions', String(wanted)])
  const [restored, setRestored] = useState(0)
  const live = usePipeline(id)
  const reading = `${restored} ${useChanges(live.kind === 'ready' ? live.data.pipeline.last_updated : undefined)}`
  const list = useAnswer<readonly ConfigVersion[]>(apiPath(id, ['config', 'versions']), reading)
  const asked = useConfig(pathOf(version), version === undefined ? reading : 0)
  const gone = version !== undefined && asked.kind === 'failed' && asked.error.status === 404
  const instead = useConfig(gone ? pathOf(undefined) : undefined, reading)
  const answer = gone ? instead : asked
  const earlier = useConfig(from === undefined || gone ? undefined : pathOf(from))
  const config = answer.kind === 'ready' ? answer.value.config : undefined
  const yaml = useMemo(() => config && toYaml(config), [config])
  const before = earlier.kind === 'ready' ? earlier.value.config : undefined
  const yamlBefore = useMemo(() => before && toYaml(before), [before])
  const failed = [answer, earlier].find((one) => one.kind === 'failed')
  if (failed?.kind === 'failed' && !(failed === earlier && failed.error.status === 404)) {
    const { status } = failed.error
    return status >= 400 && status < 500 ? <RefusedPage status={status} subject={`the config of ${id.pipeline}`} team={id.team} /> : <FailedPage subject={`the config of ${id.pipeline}`} error={failed.error} retry={failed.retry} />
  }
  const compares = from !== undefined && !gone && earlier.kind !== 'failed'
  if (answer.kind !== 'ready' || yaml === undefined || (compares && yamlBefore === undefined)) return <Skeleton rows={12} />
  const versions = list.kind === 'ready' ? list.value : []
  const present = versions.find(({ current }) => current)
  const shown = version === undefined || gone ? present : versions.find((one) => one.version === version)
  const isNow = version === undefined || gone || shown?.current === true
  const nowVersion = answer.value.version === '' ? String(version) : answer.value.version
  return (
    <article class={css.page}>
      <header class={css.bar}>
        <Heading class={css.heading} title={`${id.pipeline} config${compares ? ' changes' : ''}`}>
          {compares ? 'Changes in the config of ' : 'Config of '}
          <a href={href({ page: 'pipeline', id, groups: [] })}>{id.pipeline}</a>
        </Heading>
        {isNow && <SetPipelineButton label="Edit…" teams={[id.team]} present={{ id, yaml, version: nowVersion }} job={job} refusal={refusalOf(setPipeline(id, yaml))} />}
        <CopyButton text={yaml} words={['Copy', 'Copied']} />
      </header>
      <div class={css.command}>
        <Command>{isNow ? fly('get-pipeline', '-p', flyPipeline(id)) : airside('get-pipeline', '-p', flyPipeline(id), '--config-version', String(version))}</Command>
      </div>
      <ShownVersion id={id} job={job} asked={version} compared={from} kept={!gone && (from === undefined || compares)} shown={shown} present={present} onRestored={() => setRestored(restored + 1)} />
      {compares && <Compared id={id} job={job} versions={versions} from={from} to={shown?.version} />}
      <div class={css.columns}>
        {versions.length > 0 && <VersionList id={id} job={job} versions={versions} shown={shown?.version} />}
        <div class={css.main}>{compares && yamlBefore !== undefined ? <ConfigDiff key={`${from} ${version}`} before={yamlBefore} after={yaml} /> : <ConfigLines yaml={yaml} job={job} />}</div>
      </div>
    </article>
  )
}

/** How often a value has changed since it was first known. */
function useChanges(value: number | undefined): number {
  const [count, setCount] = useState(0)
  const known = useRef<number | undefined>(undefined)
  useEffect(() => {
    if (value === undefined) return
    if (known.current !== undefined && known.current !== value) setCount((before) => before + 1)
    known.current = value
  }, [value])
  return count
}
