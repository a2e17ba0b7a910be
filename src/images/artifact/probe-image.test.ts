import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { memoryBlobStore } from '../oci/blob-store.ts'
import { exitProgram, writeProbeImage } from './probe-image.ts'

test('the probe image is small and the same each time, for both architectures', async () => {
  const store = memoryBlobStore()
  const { descriptor, tag } = await writeProbeImage(store)
  expect(await writeProbeImage(memoryBlobStore())).toEqual({ descriptor, tag })
  const index = JSON.parse(Buffer.from(await store.read(descriptor.digest)).toString()) as { manifests: { size: number; platform: { architecture: string } }[] }
  expect(index.manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64'])
})

test.skipIf(process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))('its program runs and says success', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'airside-probe-'))
  const file = join(folder, 'probe')
  await writeFile(file, exitProgram(process.arch === 'x64' ? 'amd64' : 'arm64'), { mode: 0o755 })
  const { status, signal, error } = spawnSync(file)
  expect({ status, signal, error }).toEqual({ status: 0, signal: null, error: undefined })
  await rm(folder, { recursive: true })
})
