import type { Plan } from '../model/plan.ts'
import { refusedImages } from './image/artifact-image-uses.ts'
import type { EngineServices } from './build-context.ts'
import { refusedPrivileges } from './privileged.ts'
import { refusedTags, type OfferedTags } from './tags.ts'

/** What whoever runs Airside lets steps ask for. */
export interface AllowedSteps {
  readonly privileged: boolean
  readonly tags: OfferedTags
}

/**
 * Why a job need not be begun by whoever runs Airside for it, and can give it other flags, as far as its plan shows; undefined: no reason
 * is known. A build of a server begins all the same: its steps are refused when their turn comes. `onWait` is told what is waited for.
 * Throws on an abort.
 */
export async function refusedPlan(
  services: Pick<EngineServices, 'runtime' | 'options' | 'artifactImages'> & { readonly allowed: AllowedSteps },
  plan: Plan,
  signal: AbortSignal,
  onWait: (line: string) => void,
): Promise<string | undefined> {
  const refused = (services.allowed.privileged ? undefined : refusedPrivileges(plan)) ?? refusedTags(plan, services.allowed.tags)
  return refused ?? refusedImages(services, plan, signal, onWait)
}
