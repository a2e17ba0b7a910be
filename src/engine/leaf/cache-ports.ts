import { stepNameOf } from '../../planner/step-name.ts'
import { knownByContent } from '../../steps/image-identity.ts'
import type { ResourceCacheKey } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import { digestOf } from '../content-digest.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** What earlier builds have left: a job's task caches, and resources that were fetched before. */
export function cachePorts({ context, plan, record }: LeafStep): Pick<AllPorts, 'taskCache' | 'saveTaskCache' | 'cachedResource' | 'saveResource'> {
  const { taskCaches, resourceCaches, clock } = context.services
  const { jobId } = context.build.scope
  return {
    taskCache: async (path) => (jobId === undefined ? undefined : taskCaches.get(jobId, stepNameOf(plan), path)),
    async saveTaskCache(path, artifact) {
      if (jobId !== undefined) await taskCaches.put(jobId, stepNameOf(plan), path, artifact, clock.now())
    },
    async cachedResource(key) {
      // Whose container was at work before a restart goes on with it: what the cache has may be its own result.
      if (record?.phase === 'assigned' || !isFixed(key)) return undefined
      return resourceCaches.get(resourceKey(context, key), clock.now())
    },
    async saveResource(key, value) {
      if (isFixed(key)) await resourceCaches.put(resourceKey(context, key), value, clock.now())
    },
  }
}

/** A resource cache is never shared between teams: who may read it is decided by who could have fetched it. */
function resourceKey(context: BuildContext, key: ResourceCacheKey): string {
  return digestOf([context.build.scope.teamId, key.type, key.image, key.source, key.version, key.params])
}

/** Another image under the same tag may fetch something else. */
const isFixed = ({ image }: ResourceCacheKey): boolean => knownByContent(image)
