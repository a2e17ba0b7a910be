import { buffer } from 'node:stream/consumers'
import type { ArtifactStore } from '../../artifacts/store.ts'
import type { ConformanceHarness } from './harness.ts'

/** A store's artifacts, as the cases put and read them. */
export const artifactsOf = (store: ArtifactStore): ConformanceHarness['artifacts'] => ({
  async put(tar) {
    const stored = await store.put([tar] as never)
    if (!stored.ok) throw new Error(stored.error.message)
    return stored.value
  },
  async get({ digest }) {
    const artifact = await store.open(digest)
    if (artifact === undefined) throw new Error(`no artifact ${digest}`)
    return buffer(artifact.stream)
  },
})
