import { stepNameOf } from '../../planner/step-name.ts'
import { knownByContent } from '../../steps/image-identity.ts'
import type { ResourceCacheKey } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import { digestOf } from '../content-digest.ts'
import { configScope } from '../version-scope.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** Reads and saves what outlives the build: a job's task caches, the artifacts of earlier gets, outputs to download. */
export function cachePorts({ context, plan, record }: LeafStep): Pick<AllPorts, 'taskCache' | 'saveTaskCache' | 'cachedResource' | 'saveResource' | 'keepOutput'> {
  const { taskCaches, resourceCaches, clock } = context.services
  const { jobId } = context.build.scope
  return {
    taskCache: async (path) => (jobId === undefined ? undefined : taskCaches.get({ jobId, step: stepNameOf(plan), path })),
    async saveTaskCache(path, artifact) {
      if (jobId !== undefined) await taskCaches.put({ jobId, step: stepNameOf(plan), path }, artifact, clock.now())
    },
    keepOutput: (name, artifact) => context.services.outputs.put(context.build.id, name, artifact, clock.now()),
    async cachedResource(key) {
      // This get was assigned to a container before a restart, and that container delivers the result. A cache entry found now may have
      // been saved from that same run, and taking it would leave the container unattended.
      if (record?.phase === 'assigned' || !isFixed(key)) return undefined
      return resourceCaches.get(resourceKey(context, key), clock.now())
    },
    async saveResource(key, value) {
      if (isFixed(key)) await resourceCaches.put(resourceKey(context, key), value, clock.now(), plan.kind === 'get' ? configScope(context, plan.get, key.source) : undefined)
    },
  }
}

/** The team is part of the key: an artifact is given only to a team that has fetched it with its own credentials. */
function resourceKey(context: BuildContext, key: ResourceCacheKey): string {
  return digestOf([context.build.scope.teamId, key.type, key.image, key.source, key.version, key.params])
}

/** Another image under the same tag may fetch something else. */
const isFixed = ({ image }: ResourceCacheKey): boolean => knownByContent(image)
