import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRegistry } from '../server/start-registry.ts'
import { registryConformance } from '../testing/registry-conformance.ts'

registryConformance('our own server', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'airside-registry-'))
  const registry = await startRegistry({ dir })
  return {
    host: registry.host,
    stop: async () => {
      await registry.stop()
      await rm(dir, { recursive: true })
    },
  }
})
