import { randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { firstMemoryBuild } from '../../model/build.ts'
import { fail, type Result } from '../../model/result.ts'
import type { ContainerSpec } from '../contract.ts'
import { containerBody } from './container-body.ts'
import type { EngineClient } from './engine/client.ts'
import type { EngineError } from './engine/errors.ts'
import type { Trial } from './own-users.ts'
import { removeContainer } from './remove-container.ts'

export interface TrialOptions {
  readonly client: EngineClient
  readonly installation: string
  /** A root's tar with the supervisor alone. */
  readonly archive: () => Promise<Buffer>
}

/** How long the engine may take to import the image, ms. */
const importTime = 120_000

/**
 * Starts a container of an image of our own with users of its own, and where that is refused one without. Messages of a refusal tell
 * nothing: runc's speaks of a pipe. No image, and nothing of a step's, has a say in it.
 */
export async function tryOwnUsers({ client, installation, archive }: TrialOptions): Promise<Trial> {
  const id = randomBytes(6).toString('hex')
  const image = `localhost/airside-trial:${id}`
  const imported = await client.importImage(image, Readable.from([await archive()]), AbortSignal.timeout(importTime))
  if (!imported.ok) return { kind: 'unclear' }
  const started = async (ownUsers: boolean): Promise<Result<void, EngineError>> => {
    const name = `airside-trial-${id}-${ownUsers ? 'own' : 'plain'}`
    const created = await client.create(name, containerBody(trialSpec(name, image), { installation, serverKey: '', supervisorSettings: {}, image, transport: { kind: 'exec' }, selinux: false, swapLimit: false, ownUsers }))
    const result = created.ok ? await client.start(name) : fail(created.error)
    // The sweep of containers takes one that cannot be removed now.
    await removeContainer(client, name).catch(() => undefined)
    return result
  }
  try {
    const own = await started(true)
    if (own.ok) return { kind: 'possible' }
    if (own.error.kind !== 'refused') return { kind: 'unclear' }
    const plain = await started(false)
    return plain.ok ? { kind: 'impossible', message: own.error.message } : { kind: 'unclear' }
  } finally {
    await client.removeImage(image)
  }
}

/** Of no build: the sweep of containers takes one that is left, as it takes those of checks. */
const trialSpec = (handle: string, reference: string): ContainerSpec => ({
  handle,
  type: 'check',
  image: { kind: 'registry', reference, host: 'localhost' },
  architectures: [],
  privileged: false,
  limits: {},
  hermetic: true,
  metadata: { team: '', buildId: firstMemoryBuild, buildName: 'trial', planId: 'trial', stepName: 'trial' },
  guess: false,
})
