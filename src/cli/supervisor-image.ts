import { access } from 'node:fs/promises'
import { supervisorBinary } from '../app/folders.ts'
import { memoryBlobStore } from '../images/oci/blob-store.ts'
import { writeBinaryImage } from '../images/oci/image.ts'
import { pushImage } from '../images/oci/push-image.ts'
import { dockerConfigCredentials } from '../images/docker-config/docker-config-credentials.ts'
import { parseReference } from '../images/reference/reference.ts'
import { noTrust, type OperatorTrust } from '../images/reference/registry-trust.ts'
import { RegistryClient } from '../images/registry/registry-client.ts'
import { describeRegistryError } from '../images/registry/registry-error.ts'
import type { RegistryTarget } from '../images/registry/target.ts'
import { systemClock } from '../lib/clock.ts'
import { CommandError, exitStatus } from './exit.ts'

/** Writes the supervisor's image for amd64 and arm64 to a registry, tagged by its content; gives the reference to name, with its digest. */
export async function pushSupervisor(repository: string, say: (line: string) => void, trust: OperatorTrust = noTrust): Promise<string> {
  const parsed = parseReference(repository)
  if (!parsed.ok) throw new CommandError(`"${repository}" is no image name: ${parsed.error.detail}`)
  const { registry, repository: path } = parsed.value
  const binaries: Record<string, string> = {}
  for (const architecture of ['amd64', 'arm64']) {
    const binary = supervisorBinary(architecture)
    await access(binary).catch(() => {
      throw new CommandError(`the supervisor is not built yet (${binary}); run: npm run setup`)
    })
    binaries[architecture] = binary
  }
  const client = new RegistryClient({ clock: systemClock })
  try {
    const store = memoryBlobStore()
    const image = await writeBinaryImage(store, 'airside-supervisor', binaries)
    const tag = parsed.value.tag ?? image.tag
    const credentials = await dockerConfigCredentials({ clock: systemClock }).find(registry, path)
    const { insecure, caCerts } = trust(registry)
    const target: RegistryTarget = { registry, repository: path, insecure, caCerts, setBy: 'operator', ...(credentials && { credentials }) }
    const pushed = await pushImage(client, target, { store, image: image.descriptor }, { tags: [tag] })
    if (!pushed.ok) throw new CommandError(describeRegistryError(pushed.error), exitStatus.errored)
    say(`pushed ${registry}/${path}:${tag} (${pushed.value.uploaded === 0 ? 'it was there already' : `${(pushed.value.bytes / 1e6).toFixed(1)} MB`})`)
    return `${registry}/${path}:${tag}@${pushed.value.digest}`
  } finally {
    await client.close()
  }
}
