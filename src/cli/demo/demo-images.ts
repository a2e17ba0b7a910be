import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { packageRoot } from '../../app/folders.ts'
import { dockerConfigCredentials } from '../../images/docker-config/docker-config-credentials.ts'
import { memoryBlobStore } from '../../images/oci/blob-store.ts'
import { writeImage } from '../../images/oci/image.ts'
import { layerOfEntries, type LayerEntry } from '../../images/oci/layer.ts'
import { pushImage } from '../../images/oci/push-image.ts'
import type { RegistryClient } from '../../images/registry/registry-client.ts'
import { describeRegistryError } from '../../images/registry/registry-error.ts'
import type { RegistryTarget } from '../../images/registry/target.ts'
import { systemClock } from '../../lib/clock.ts'
import { CommandError } from '../exit.ts'

const busybox = '/bin/busybox'

/**
 * Pushes the demo's two images: busybox as `tools:1`, and with the resource's scripts as `letterbox-resource:latest`. `instead`: busybox
 * with other files, as `latest` of another repository.
 */
export async function pushDemoImages(
  client: RegistryClient,
  registry: string,
  prefix: string,
  instead?: { readonly repository: string; readonly entries: readonly LayerEntry[] },
): Promise<void> {
  const root = await busyboxRoot()
  if (instead !== undefined) return push(client, { registry, repository: `${prefix}${instead.repository}`, tag: 'latest' }, [...root.filter((entry) => !instead.entries.some((other) => other.path === entry.path)), ...instead.entries])
  await push(client, { registry, repository: `${prefix}tools`, tag: '1' }, root)
  await push(client, { registry, repository: `${prefix}letterbox-resource`, tag: 'latest' }, [...root, ...(await scripts())])
}

interface PushTo {
  readonly registry: string
  readonly repository: string
  readonly tag: string
}

async function push(client: RegistryClient, { registry, repository, tag }: PushTo, entries: readonly LayerEntry[]): Promise<void> {
  const store = memoryBlobStore()
  const layer = await layerOfEntries(store, entries)
  const image = await writeImage(store, {
    platform: { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' },
    layers: [layer],
    config: { cmd: ['sh'], env: ['PATH=/usr/local/bin:/usr/bin:/bin'] },
  })
  const credentials = await dockerConfigCredentials({ clock: systemClock }).find(registry, repository)
  const target: RegistryTarget = { registry, repository, insecure: true, caCerts: [], ...(credentials && { credentials }) }
  const pushed = await pushImage(client, target, { store, image }, { tags: [tag] })
  if (!pushed.ok) throw new CommandError(`the demo's image could not be pushed: ${describeRegistryError(pushed.error)}`)
}

async function busyboxRoot(): Promise<LayerEntry[]> {
  const program = await readFile(busybox).catch(() => {
    throw new CommandError(`the demo makes its images from ${busybox}, a static one: install it (Debian: apt-get install busybox-static)`)
  })
  const { stdout } = await promisify(execFile)(busybox, ['--list'])
  const applets = stdout.split('\n').filter((name) => name !== '' && name !== 'busybox')
  const folders = ['bin', 'etc', 'root', 'tmp', 'opt', 'opt/resource']
  return [
    ...folders.map((path): LayerEntry => ({ type: 'directory', path, mode: path === 'tmp' ? 0o1777 : 0o755 })),
    { type: 'file', path: 'bin/busybox', mode: 0o755, content: program },
    ...applets.map((name): LayerEntry => ({ type: 'symlink', path: `bin/${name}`, target: 'busybox' })),
    { type: 'file', path: 'etc/passwd', mode: 0o644, content: 'root:x:0:0:root:/root:/bin/sh\n' },
    { type: 'file', path: 'etc/group', mode: 0o644, content: 'root:x:0:\n' },
  ]
}

async function scripts(): Promise<LayerEntry[]> {
  return Promise.all(
    ['check', 'in', 'out'].map(async (name): Promise<LayerEntry> => {
      const content = await readFile(join(packageRoot, 'demo', `${name}.sh`))
      return { type: 'file', path: `opt/resource/${name}`, mode: 0o755, content }
    }),
  )
}
