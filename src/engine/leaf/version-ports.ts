import { parseDuration } from '../../lib/duration.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok } from '../../model/result.ts'
import { checkTime } from '../../steps/time-resource/check-time.ts'
import { getTime } from '../../steps/time-resource/get-time.ts'
import { putTime } from '../../steps/time-resource/put-time.ts'
import { isPulled, isTimeInProcess, nativePulls } from '../image/image-way.ts'
import type { VersionsOf } from '../ports.ts'
import { versionsOf } from '../version-scope.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** Versions of resources: checked in turn, found without a container, saved. */
export function versionPorts({ context, plan, onWait }: LeafStep): Pick<AllPorts, 'checkInProcess' | 'getInProcess' | 'putInProcess' | 'beginCheck' | 'enterScope' | 'saveMetadata'> {
  const { services, redactor } = context
  const { versions, images } = services
  const of = (source: JsonObject): VersionsOf => {
    switch (plan.kind) {
      case 'check':
        return versionsOf(context, plan.check, source)
      case 'get':
        return versionsOf(context, plan.get, source)
      case 'put':
        return versionsOf(context, plan.put, source)
      default:
        throw new Error(`${plan.kind} ${plan.id} has no versions`)
    }
  }
  return {
    async checkInProcess(check, source, from, signal) {
      if (isTimeInProcess(check, services)) {
        const found = checkTime(source, from, services.clock.now())
        return found.ok ? found : fail({ kind: 'failed', message: found.error })
      }
      if (!isPulled(check, nativePulls(services))) return undefined
      const found = await images.check(source, { from, image: check.resource === undefined, onWait }, signal)
      if (signal.aborted) return fail({ kind: 'aborted' })
      return found.ok ? found : fail({ kind: 'failed', message: found.error })
    },
    async getInProcess(get, source, version) {
      if (!isTimeInProcess(get, services)) return undefined
      const got = getTime(source, version)
      if (!got.ok) return fail({ kind: 'script', message: got.error })
      const artifact = await services.artifacts.writeFiles(got.value.files, got.value.at)
      return artifact.ok ? ok({ artifact: artifact.value, version: got.value.version }) : fail({ kind: 'not-stored', message: artifact.error })
    },
    putInProcess(put, source) {
      if (!isTimeInProcess(put, services)) return undefined
      const made = putTime(source, services.clock.now())
      return made.ok ? made : fail({ kind: 'script', message: made.error })
    },
    async beginCheck({ resource, skip_interval, interval, from_version }, source, signal) {
      const intervalMs = resource !== undefined || skip_interval === true || interval === undefined ? undefined : parseDuration(interval)
      const turn = await versions.begin(
        { ...of(source), build: { id: context.build.id, ...context.times }, ...(intervalMs !== undefined && { intervalMs }), ...(from_version && { from: from_version }) },
        signal,
      )
      if (turn.kind === 'answered') return turn
      // Whoever sees that a resource cannot be checked sees this text, and it may quote what a script printed.
      return { ...turn, end: (result) => turn.end(result.kind === 'failed' ? { ...result, message: redactor.redact(result.message) } : result) }
    },
    enterScope: (source) => versions.enter(of(source)),
    saveMetadata: (source, version, metadata) => versions.saveMetadata(of(source), version, metadata),
  }
}
