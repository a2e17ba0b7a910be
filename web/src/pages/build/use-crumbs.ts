import { useLayoutEffect } from 'preact/hooks'
import type { Build, Step } from '../../api/types.ts'
import { crumbsOfBuild, inTeam, type Crumb } from '../../shell/Breadcrumb.tsx'
import { pipelineOf } from './job-of.ts'
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
export function crumbsOf(build: Build, resource: string | undefined): readonly Crumb[] | undefined {
  const id = pipelineOf(build)
  if (id === undefined) return undefined
  const { id: buildId, name, job_name: job } = build
  if (job !== undefined) return inTeam(id, [{ text: job, place: { page: 'job', id, job } }, { text: `#${name}` }])
  return inTeam(id, [...(resource === undefined ? [] : [{ text: resource, place: { page: 'resource' as const, id, resource, filter: [] } }]), { text: `${name} #${buildId}` }])
}
