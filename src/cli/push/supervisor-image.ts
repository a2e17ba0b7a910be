import { access } from 'node:fs/promises'
import { supervisorBinary } from '../../app/folders.ts'
import { memoryBlobStore } from '../../images/oci/blob-store.ts'
import { writeBinaryImage } from '../../images/oci/image.ts'
import { noTrust, type OperatorTrust } from '../../images/reference/registry-trust.ts'
import { RegistryClient } from '../../images/registry/registry-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { CommandError } from '../exit.ts'
import { imageNamed, operatorsTarget, pushTo } from './push-to.ts'

/** Writes the supervisor's image for amd64 and arm64 to a registry, tagged by its content; gives the reference to name, with its digest. */
export async function pushSupervisor(repository: string, say: (line: string) => void, trust: OperatorTrust = noTrust): Promise<string> {
  const named = imageNamed(repository)
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
    const target = await operatorsTarget(named, trust)
    return await pushTo({ client, target, tag: named.tag ?? image.tag, say }, { store, image: image.descriptor })
  } finally {
    await client.close()
  }
}
