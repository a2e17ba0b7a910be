import { dockerConfigCredentials } from '../../images/docker-config/docker-config-credentials.ts'
import { pushImage, type StoredImage } from '../../images/oci/push-image.ts'
import { parseReference, type ImageReference } from '../../images/reference/reference.ts'
import type { OperatorTrust } from '../../images/reference/registry-trust.ts'
import type { RegistryClient } from '../../images/registry/registry-client.ts'
import { describeRegistryError } from '../../images/registry/registry-error.ts'
import type { RegistryTarget } from '../../images/registry/target.ts'
import { systemClock } from '../../lib/clock.ts'
import { CommandError, exitStatus } from '../exit.ts'

export function imageNamed(text: string): ImageReference {
  const parsed = parseReference(text)
  if (!parsed.ok) throw new CommandError(`"${text}" is no image name: ${parsed.error.detail}`)
  return parsed.value
}

/** A repository as the operator's docker configuration and trust have it. */
export async function operatorsTarget({ registry, repository }: Pick<ImageReference, 'registry' | 'repository'>, trust: OperatorTrust): Promise<RegistryTarget> {
  const credentials = await dockerConfigCredentials({ clock: systemClock }).find(registry, repository)
  const { insecure, caCerts } = trust(registry)
  return { registry, repository, insecure, caCerts, setBy: 'operator', ...(credentials && { credentials }) }
}

export interface PushTo {
  readonly client: RegistryClient
  readonly target: RegistryTarget
  readonly tag: string
  readonly say: (line: string) => void
}

/** Pushes an image and gives the reference to name, with its digest. */
export async function pushTo({ client, target, tag, say }: PushTo, image: StoredImage): Promise<string> {
  say(`pushing to ${target.registry}/${target.repository}`)
  const pushed = await pushImage(client, target, image, { tags: [tag] })
  if (!pushed.ok) throw new CommandError(describeRegistryError(pushed.error), exitStatus.errored)
  const name = `${target.registry}/${target.repository}:${tag}`
  say(`pushed ${name} (${pushed.value.uploaded === 0 ? 'it was there already' : `${(pushed.value.bytes / 1e6).toFixed(1)} MB`})`)
  return `${name}@${pushed.value.digest}`
}
