import { countTraffic } from '../lib/traffic.ts'
import type { Result } from '../model/result.ts'
import type { Container, ContainerSpec, PrepareError, PrepareOptions } from '../runtime/contract.ts'
import type { BuildContext } from './build-context.ts'
import type { Preparation } from './preparation.ts'
import type { Recording } from './waits.ts'

/** How steps of a build record what happens to them. */
export const recording = ({ services, redactor }: Pick<BuildContext, 'services' | 'redactor'>): Recording => ({
  now: () => services.clock.now(),
  redact: (text) => redactor.redact(text),
})

/** Asks the runtime for a container, and records when, for what it waits and what is sent for it. */
export async function recordPreparation(
  { services }: Pick<BuildContext, 'services'>,
  preparation: Preparation,
  spec: ContainerSpec,
  options: PrepareOptions,
): Promise<Result<Container, PrepareError>> {
  const onReason: PrepareOptions['onReason'] = (reason) => {
    preparation.waiting(reason)
    options.onReason(reason)
  }
  let ready = false
  try {
    const made = await countTraffic(preparation.traffic, () => services.runtime.prepare(spec, { ...options, onReason }))
    ready = made.ok
    return made
  } finally {
    preparation.over(ready)
  }
}
