import type { JobSummary, Resource } from '../../api/types.ts'
import { Age } from '../../parts/Age.tsx'
import { StateIcon } from '../../parts/StateIcon.tsx'
import type { PipelineId } from '../../routes/route.ts'
import { ResourceIcon } from '../../shell/ResourceIcon.tsx'
import { href } from '../../store/navigation.ts'
import { now } from '../../store/now.ts'
import { stateOfResource } from './looks.ts'
import css from './JobPanel.module.css'

/** What a job gets: whether its checks succeed, when the last one was, what it must have passed, what is pinned. */
export function PanelInputs({ id, job: { inputs = [] }, resources }: { readonly id: PipelineId; readonly job: JobSummary; readonly resources: readonly Resource[] }): preact.JSX.Element {
  const byName = new Map(resources.map((resource) => [resource.name, resource]))
  return (
    <>
      <h3>Inputs ({inputs.length})</h3>
      <ul class={css.inputs}>
        {inputs.map(({ name, resource: of, passed = [], trigger }) => {
          const resource = byName.get(of)
          const state = resource && stateOfResource(resource)
          const build = resource?.build
          return (
            <li key={name}>
              <StateIcon state={state ?? (resource?.last_checked === undefined ? 'pending' : 'succeeded')} label={state === undefined ? 'checks succeed' : `check ${state}`} />
              <span>
                <ResourceIcon name={resource?.icon} />
                <a href={href({ page: 'resource', id, resource: of, filter: [] })}>{name}</a>
                <span class="dim">
                  {passed.length > 0 && ` passed ${passed.join(', ')}`}
                  {!trigger && ', no trigger'}
                  {resource?.pinned_version !== undefined && ', pinned'}
                </span>
                {state !== undefined && build !== undefined && (
                  <a class={css.error} href={href({ page: 'build', build: build.id, view: {} })}>
                    its check {state}
                  </a>
                )}
              </span>
              <span class="dim">{resource?.last_checked === undefined ? 'not checked' : <Age at={resource.last_checked * 1000} now={now.value} />}</span>
            </li>
          )
        })}
      </ul>
    </>
  )
}
