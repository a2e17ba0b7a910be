import type { Build, ResourceVersion } from '../../api/types.ts'
import { SafeLink } from '../../parts/SafeLink.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { href } from '../../store/navigation.ts'
import { apiPath } from '../../store/paths.ts'
import type { ResourceNow } from '../../store/resource-actions.ts'
import { useAnswer } from '../../store/use-answer.ts'
import css from './ResourceView.module.css'

/** Of a version: its metadata, the builds that got it and those that made it. */
export function VersionDetails({ now: { id, resource }, version }: { readonly now: ResourceNow; readonly version: ResourceVersion }): preact.JSX.Element {
  const path = (what: string) => apiPath(id, ['resources', resource, 'versions', String(version.id), what])
  return (
    <div class={css.details}>
      {version.metadata !== undefined && (
        <dl class={css.metadata}>
          {version.metadata.map(({ name, value }, index) => (
            <div key={index}>
              <dt class="dim">{name}</dt>
              <dd>
                <SafeLink text={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      <Builds id={id} title="Used by" path={path('input_to')} none="No build has got it." />
      <Builds id={id} title="Made by" path={path('output_of')} none="No build has put it: a check found it." />
      <p class={css.jobs}>
        {(['upstream', 'downstream'] as const).map((direction) => (
          <a key={direction} class="button" href={href({ page: 'causality', id, resource, version: version.id, direction })}>
            {direction === 'upstream' ? 'Where it came from' : 'What came of it'}
          </a>
        ))}
      </p>
    </div>
  )
}

function Builds({ id, title, path, none }: { readonly id: ResourceNow['id']; readonly title: string; readonly path: string; readonly none: string }): preact.JSX.Element {
  const answer = useAnswer<readonly Build[]>(path)
  return (
    <div>
      <h3>{title}</h3>
      {answer.kind === 'failed' && <p>{answer.error.message}</p>}
      {answer.kind === 'ready' && answer.value.length === 0 && <p class="dim">{none}</p>}
      {answer.kind === 'ready' && (
        <p class={css.jobs}>
          {answer.value.map((build) => (
            <a key={build.id} class={css.job} href={build.job_name === undefined ? href({ page: 'build', build: build.id, view: {} }) : href({ page: 'job-build', id, job: build.job_name, build: build.name, view: {} })}>
              <StateIcon state={stateOfStatus(build.status)} /> {build.job_name ?? 'build'} #{build.name}
            </a>
          ))}
        </p>
      )}
    </div>
  )
}
