import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { Skeleton } from '../../parts/Notice.tsx'
import { Command } from '../../parts/Notice.tsx'
import { FailedPage } from '../../shell/failed/FailedPage.tsx'
import { RefusedPage } from '../../shell/StatePages.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { SetPipelineButton } from '../../shell/set-pipeline/SetPipelineButton.tsx'
import { refusalOf } from '../../store/action.ts'
import { fly, flyPipeline } from '../../store/fly.ts'
import { href } from '../../store/navigation.ts'
import { apiPath } from '../../store/paths.ts'
import { setPipeline } from '../../store/pipeline-actions.ts'
import { useConfig } from '../../store/use-answer.ts'
import type { PageProps } from '../registry.ts'
import { linesOfJob } from './lines-of-job.ts'
import { toYaml } from './to-yaml.ts'
import css from './ConfigPage.module.css'

/** `/teams/T/pipelines/P/config`: what is set, as YAML with numbers of lines. Vars stand in it as they are written. */
export default function ConfigPage({ route: { id, job } }: PageProps<'pipeline-config'>): preact.JSX.Element {
  const answer = useConfig(apiPath(id, ['config']))
  const config = answer.kind === 'ready' ? answer.value.config : undefined
  const yaml = useMemo(() => config && toYaml(config), [config])
  const marked = useMemo(() => (yaml === undefined || job === undefined ? undefined : linesOfJob(yaml, job)), [yaml, job])
  const first = useRef<HTMLLIElement>(null)
  useEffect(() => first.current?.scrollIntoView({ block: 'center' }), [marked])
  const [copied, setCopied] = useState(false)
  if (answer.kind === 'failed') {
    const { status } = answer.error
    return status >= 400 && status < 500 ? <RefusedPage status={status} subject={`the config of ${id.pipeline}`} team={id.team} /> : <FailedPage subject={`the config of ${id.pipeline}`} error={answer.error} retry={answer.retry} />
  }
  if (yaml === undefined) return <Skeleton rows={12} />
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(yaml)
    setCopied(true)
  }
  return (
    <article class={css.page}>
      <header class={css.bar}>
        <Heading class={css.heading} title={`${id.pipeline} config`}>
          Config of <a href={href({ page: 'pipeline', id, groups: [] })}>{id.pipeline}</a>
        </Heading>
        {answer.kind === 'ready' && <SetPipelineButton label="Edit…" teams={[id.team]} present={{ id, yaml, version: answer.value.version }} refusal={refusalOf(setPipeline(id, yaml))} />}
        <button onClick={() => void copy()}>{copied ? 'Copied' : 'Copy'}</button>
      </header>
      <div class={css.command}>
        <Command>{fly('get-pipeline', '-p', flyPipeline(id))}</Command>
      </div>
      {/* It may be wider than the page: whoever has no mouse scrolls it with the arrow keys. */}
      <div class={css.scroll} role="region" aria-label="Config as YAML" tabIndex={0}>
        <ol class={css.lines}>
          {yaml.trimEnd().split('\n').map((line, index) => (
            <li key={index} {...(index === marked?.first && { ref: first })} class={marked !== undefined && index >= marked.first && index <= marked.last ? css.marked : ''}>
              <Line text={line} />
            </li>
          ))}
        </ol>
      </div>
    </article>
  )
}

/** A key is set apart from its value, and vars are marked. */
function Line({ text }: { readonly text: string }): preact.JSX.Element {
  const [, start = '', key, rest = text] = /^(\s*(?:- )*)([\w.-]+|"[^"]*")(:(?: .*)?)$/.exec(text) ?? []
  return (
    <code>
      {key !== undefined && (
        <>
          {start}
          <span class={css.key}>{key}</span>
        </>
      )}
      {rest.split(/(\(\([^()]*\)\))/).map((part, index) => (index % 2 === 1 ? <mark key={index}>{part}</mark> : part))}
    </code>
  )
}
