import type { Plan } from '../model/plan.ts'
import { refusedImages } from './image/artifact-image-uses.ts'
import type { EngineServices } from './build-context.ts'
import { refusedPrivileges } from './privileged.ts'
import { refusedTags } from './tags.ts'

/** Why a build must not begin, as far as its plan shows; undefined: no reason is known. `onWait` is told what is waited for. Throws on an abort. */
export async function refusedPlan(
  services: Pick<EngineServices, 'runtime' | 'options' | 'artifactImages'>,
  plan: Plan,
  signal: AbortSignal,
  onWait: (line: string) => void,
): Promise<string | undefined> {
  const { allowPrivileged, tags = 'all' } = services.options
  const refused = (allowPrivileged === true ? undefined : refusedPrivileges(plan)) ?? refusedTags(plan, tags)
  return refused ?? refusedImages(services, plan, signal, onWait)
}
