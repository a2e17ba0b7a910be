import { useLayoutEffect } from 'preact/hooks'
import type { Build, Step } from '../../api/types.ts'
import type { PipelineId } from '../../routes/route.ts'
import { crumbsOfBuild, inTeam, type Crumb } from '../../shell/Breadcrumb.tsx'
import { checkedIn } from './title.ts'

/** Says above the page what a build is of whose URL has an id alone. */
export function useCrumbs(build: Build, steps: readonly Step[]): void {
  const resource = checkedIn(steps)
  useLayoutEffect(() => {
    crumbsOfBuild.value = crumbsOf(build, resource)
    return () => {
      crumbsOfBuild.value = undefined
    }
  }, [build.id, resource])
}

/** undefined: it is of a team alone. */
export function crumbsOf({ id: buildId, name, team_name: team, pipeline_name: pipeline, pipeline_instance_vars: vars, job_name: job }: Build, resource: string | undefined): readonly Crumb[] | undefined {
  if (pipeline === undefined) return undefined
  const id: PipelineId = { team, pipeline, ...(vars !== undefined && { vars: vars as NonNullable<PipelineId['vars']> }) }
  if (job !== undefined) return inTeam(id, [{ text: job, place: { page: 'job', id, job } }, { text: `#${name}` }])
  return inTeam(id, [...(resource === undefined ? [] : [{ text: resource, place: { page: 'resource' as const, id, resource, filter: [] } }]), { text: `${name} #${buildId}` }])
}
