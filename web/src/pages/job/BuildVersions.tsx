import { Failure } from '../../parts/Failure.tsx'
import { Skeleton } from '../../parts/Notice.tsx'
import { VersionText } from '../../parts/VersionText.tsx'
import type { PipelineId } from '../../routes/route.ts'
import { href } from '../../store/navigation.ts'
import { useAnswer } from '../../store/use-answer.ts'
import css from './BuildTable.module.css'

interface BuildResources {
  readonly inputs: readonly { readonly name: string; readonly version: Readonly<Record<string, string>>; readonly first_occurrence: boolean }[]
  readonly outputs: readonly { readonly name: string; readonly version: Readonly<Record<string, string>> }[]
}

/** Versions that a build got and gave; those that no build of the job had before are new. */
export function BuildVersions({ id, build }: { readonly id: PipelineId; readonly build: number }): preact.JSX.Element {
  const answer = useAnswer<BuildResources>(`/api/v1/builds/${build}/resources`)
  if (answer.kind === 'failed') return <Failure error={answer.error} retry={answer.retry} />
  if (answer.kind === 'loading') return <Skeleton rows={2} />
  const { inputs, outputs } = answer.value
  if (inputs.length + outputs.length === 0) return <p class="dim">It got and gave no versions.</p>
  return (
    <dl class={css.versions}>
      {inputs.map(({ name, version, first_occurrence: isNew }) => (
        <div key={`in ${name}`}>
          <dt>
            got <a href={href({ page: 'resource', id, resource: name, filter: Object.entries(version) })}>{name}</a> {isNew && <b class={css.new}>new</b>}
          </dt>
          <dd>
            <VersionText version={version} />
          </dd>
        </div>
      ))}
      {outputs.map(({ name, version }) => (
        <div key={`out ${name}`}>
          <dt>
            gave <a href={href({ page: 'resource', id, resource: name, filter: Object.entries(version) })}>{name}</a>
          </dt>
          <dd>
            <VersionText version={version} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
