import { useState } from 'preact/hooks'
import type { Build, Output, Step } from '../../api/types.ts'
import { Failure } from '../../parts/Failure.tsx'
import { useKeptOutputs } from '../../store/outputs.ts'
import { loginUrl, mayCall, user } from '../../store/user.ts'
import { Facts, Nothing, type Fact } from './Facts.tsx'
import { bytesText } from './image-text.ts'
import { OutputFiles } from './outputs/OutputFiles.tsx'
import css from './OutputsTab.module.css'

interface OutputsTabProps {
  readonly build: Build
  readonly step: Step
}

/** What the step left: artifacts with their files, and of a put the version that it made. */
export function OutputsTab({ build, step }: OutputsTabProps): preact.JSX.Element {
  const { outputs, version, metadata, kind } = step
  const made = kind === 'put' ? version : undefined
  if (outputs.length === 0 && made === undefined) return <Nothing>{step.state === 'running' || step.state === 'pending' || step.state === 'waiting' ? 'It has stored nothing yet.' : 'It stored nothing.'}</Nothing>
  return (
    <>
      {outputs.length > 0 && <Artifacts build={build} step={step} />}
      {made !== undefined && <Facts title="Version" facts={Object.entries(made)} />}
      {made !== undefined && metadata !== undefined && <Facts title="Metadata" facts={metadata.map(({ name, value }): Fact => [name, <Value key={name} text={value} />])} />}
    </>
  )
}

function Artifacts({ build: { id, team_name: team }, step: { id: plan, outputs, moreOutputs } }: OutputsTabProps): preact.JSX.Element {
  const may = mayCall(team, 'ListBuildOutputs')
  const kept = useKeptOutputs(may ? id : undefined, outputs.length)
  const isKept = (output: Output): boolean | undefined => (kept.kind === 'ready' ? kept.value.some((one) => one.plan === plan && one.name === output.name) : undefined)
  return (
    <section class={css.artifacts}>
      <h2>Artifacts</h2>
      {!may && (user.value === undefined ? <p class="dim"><a href={loginUrl()}>Log in</a> to see their files.</p> : <p class="dim">{`You need the role member in team ${team} to see their files.`}</p>)}
      {kept.kind === 'failed' && may && <Failure error={kept.error} retry={kept.retry} />}
      <ul>
        {outputs.map((output) => (
          <Artifact key={output.name} place={{ build: id, plan, name: output.name }} output={output} kept={isKept(output)} alone={outputs.length === 1} />
        ))}
      </ul>
      {moreOutputs !== undefined && <p class="dim">{`and ${moreOutputs} more`}</p>}
    </section>
  )
}

interface ArtifactProps {
  readonly place: { readonly build: number; readonly plan: string; readonly name: string }
  readonly output: Output
  /** Undefined: not known (yet). */
  readonly kept: boolean | undefined
  readonly alone: boolean
}

function Artifact({ place, output: { name, bytes, files }, kept, alone }: ArtifactProps): preact.JSX.Element {
  const [chosen, setOpen] = useState<boolean>()
  const open = kept === true && (chosen ?? alone)
  return (
    <li>
      <div class={css.artifact}>
        <b>{name}</b>
        <span class="dim">{`${bytesText(bytes)} as tar${files === undefined ? '' : `, ${files} files`}`}</span>
        {kept === false && <span class="dim">no longer kept</span>}
        {kept === true && <button aria-expanded={open} onClick={() => setOpen(!open)}>Files<span class="hidden-visually">{` of ${name}`}</span></button>}
      </div>
      {open && <OutputFiles place={place} />}
    </li>
  )
}

/** Text, and an address of the web as a link. */
export function Value({ text }: { readonly text: string }): preact.JSX.Element {
  if (!/^https?:\/\/\S+$/i.test(text)) return <>{text}</>
  return <a href={text} target="_blank" rel="noopener noreferrer">{text}</a>
}
