import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot, supervisorBinary } from '../../app/folders.ts'
import { memoryBlobStore } from '../../images/oci/blob-store.ts'
import { extendImage, type BaseImage } from '../../images/oci/extend-image.ts'
import { contentTag } from '../../images/oci/image.ts'
import { layerOfEntries } from '../../images/oci/layer.ts'
import type { StoredImage } from '../../images/oci/push-image.ts'
import { dockerHub } from '../../images/reference/reference.ts'
import type { OperatorTrust } from '../../images/reference/registry-trust.ts'
import { RegistryClient } from '../../images/registry/registry-client.ts'
import { systemClock } from '../../lib/clock.ts'
import { fail, type Result } from '../../model/result.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { imageNamed, operatorsTarget, pushTo } from './push-to.ts'
import { packageFiles, programFiles, programFolder } from './server-files.ts'

export interface ServerImage {
  readonly repository: string
  /** An image with Node, `node` on its PATH, and a shell. */
  readonly base: string
  readonly mirror?: { readonly registry: string; readonly insecure: boolean } | undefined
  readonly trust: OperatorTrust
}

/** A user that is not root; the base need not know it. */
const user = '1000:1000'

/** Writes the image of `airside web` to a registry, for each of amd64 and arm64 that its base has, tagged by its content; gives the reference to name, with its digest. */
export async function pushServer({ repository, base, mirror, trust }: ServerImage, say: (line: string) => void): Promise<string> {
  const named = imageNamed(repository)
  await needed([supervisorBinary('amd64'), supervisorBinary('arm64'), join(packageRoot, 'web', 'dist', 'index.html')])
  const client = new RegistryClient({ clock: systemClock })
  try {
    const store = memoryBlobStore()
    say('packing the server')
    const layers = [await layerOfEntries(store, packageFiles(packageRoot)), await layerOfEntries(store, programFiles(packageRoot))]
    const config = {
      entrypoint: [`${programFolder}/bin/airside`],
      cmd: ['web'],
      user,
      workingDir: '/',
      env: ['XDG_DATA_HOME=/var/lib', 'XDG_CACHE_HOME=/tmp', 'AIRSIDE_BIND=0.0.0.0'],
    }
    let image: Result<StoredImage, string> = fail(`${base} was not looked up`)
    for (const source of await sourcesOf(client, { base, mirror, trust })) {
      image = await extendImage(store, source, { architectures: ['amd64', 'arm64'], layers, config })
      if (image.ok) break
    }
    if (!image.ok) throw new CommandError(`the base of the server's image cannot be read: ${image.error}. --base-image IMAGE names another one, with Node 24`, exitStatus.errored)
    const target = await operatorsTarget(named, trust)
    return await pushTo({ client, target, tag: named.tag ?? contentTag(image.value.image.digest), say }, image.value)
  } finally {
    await client.close()
  }
}

async function needed(files: readonly string[]): Promise<void> {
  for (const file of files) {
    await access(file).catch(() => {
      throw new CommandError(`${file} is not built yet; run: npm run setup`)
    })
  }
}

/** The mirror first, as with images of steps. */
async function sourcesOf(client: RegistryClient, { base, mirror, trust }: Omit<ServerImage, 'repository'>): Promise<BaseImage[]> {
  const named = imageNamed(base)
  const reference = named.digest ?? named.tag ?? 'latest'
  const origin = { client, target: await operatorsTarget(named, trust), reference }
  if (mirror === undefined || named.registry !== dockerHub) return [origin]
  const { insecure, ...target } = await operatorsTarget({ ...named, registry: mirror.registry }, trust)
  return [{ client, target: { ...target, insecure: insecure === true || mirror.insecure }, reference }, origin]
}
