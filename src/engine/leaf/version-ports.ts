import type { JsonObject } from '../../model/json.ts'
import { fail } from '../../model/result.ts'
import { isPulled, nativePulls } from '../image/image-way.ts'
import { versionScope } from '../version-scope.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** Versions of resources: found without a container, saved, looked up. */
export function versionPorts({ context, plan, onWait }: LeafStep): Pick<AllPorts, 'checkInProcess' | 'saveVersions' | 'latestVersion'> {
  const { services } = context
  const { versions, images, clock } = services
  const scope = (source: JsonObject): string => {
    if (plan.kind !== 'check') throw new Error(`${plan.kind} ${plan.id} has no versions of its own`)
    return versionScope(context, plan.check, source)
  }
  return {
    async checkInProcess(check, source, from, signal) {
      if (!isPulled(check, nativePulls(services))) return undefined
      const found = await images.check(source, { from, image: check.resource === undefined, onWait }, signal)
      if (signal.aborted) return fail({ kind: 'aborted' })
      return found.ok ? found : fail({ kind: 'failed', message: found.error })
    },
    saveVersions: (source, found) => versions.save(scope(source), found, clock.now()),
    latestVersion: (source) => versions.latest(scope(source)),
  }
}
