import type { StepType } from '../model/container.ts'
import type { ImageSpec } from '../model/image.ts'
import type { ContainerSpec } from '../runtime/contract.ts'
import type { BuildContext } from './build-context.ts'
import { containerHandle } from './handle.ts'

/** Makes a container's spec; its handle is a hash of what the container is made of. */
export function containerSpec(
  context: BuildContext,
  step: { readonly planId: string; readonly attempt?: string },
  wanted: { readonly type: StepType; readonly stepName: string; readonly image: ImageSpec; readonly limits: ContainerSpec['limits']; readonly hermetic?: boolean | undefined; readonly tags?: readonly string[] | undefined },
  { incarnation, guess }: { readonly incarnation: number; readonly guess: boolean },
): ContainerSpec {
  const { build, services } = context
  const tags = [...new Set(wanted.tags)].toSorted()
  const spec = {
    type: wanted.type,
    image: wanted.image.source,
    architectures: wanted.image.architectures,
    privileged: wanted.image.privileged,
    limits: wanted.limits,
    ...(wanted.hermetic === true && { hermetic: true }),
    ...(tags.length > 0 && { tags }),
    metadata: {
      team: build.team,
      ...(build.pipeline !== undefined && { pipeline: build.pipeline }),
      ...(build.job !== undefined && { job: build.job }),
      buildId: build.id,
      buildName: build.name,
      planId: step.planId,
      stepName: wanted.stepName,
      ...(step.attempt !== undefined && { attempt: step.attempt }),
    },
  }
  return { ...spec, handle: containerHandle(services.options.installation, spec, incarnation), guess }
}
