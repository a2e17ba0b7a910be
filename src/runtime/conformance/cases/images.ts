import { expect } from 'vitest'
import type { WaitReason } from '../../contract.ts'
import type { Cases } from '../cases.ts'

/** A runtime may learn of a pull only after the container has reported in. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}

/** Images that the runtime pulls itself. */
export const imageCases: Cases = {
  'says that it pulls images itself': async ({ harness }) => {
    expect(harness.runtime.capabilities.nativeImageFetch).toBe(true)
    await Promise.resolve()
  },

  'says which image it runs': async ({ harness, prepare }) => {
    const { imageDigest } = await prepare()
    const { busybox } = harness.images
    const digest = busybox.kind === 'registry' ? busybox.reference.split('@')[1] : undefined
    expect(digest).toBeDefined()
    expect(imageDigest).toContain(digest)
  },

  'names the image and the registry’s answer when an image does not exist': async ({ harness, spec, tryPrepare }) => {
    const { missing } = harness.images
    const wanted = spec({ image: missing })
    const prepared = await tryPrepare(wanted)
    expect(prepared).toMatchObject({ ok: false, error: { kind: 'image-pull', image: missing.kind === 'registry' ? missing.reference : '' } })
    expect(!prepared.ok && 'message' in prepared.error && prepared.error.message).toMatch(/not found|unknown/i)
    expect(await harness.exists(wanted.handle)).toBe(false)
  },

  'pulls a private image only with credentials, and reports the pull': async ({ harness, spec, prepare, tryPrepare }) => {
    const denied = await tryPrepare(spec({ image: harness.images.privateDenied }))
    expect(denied).toMatchObject({ ok: false, error: { kind: 'image-pull' } })
    expect(!denied.ok && 'message' in denied.error && denied.error.message).toMatch(/unauthorized|authentication|denied|authorization/i)
    const reasons: WaitReason[] = []
    const onReason = (reason: WaitReason): void => {
      reasons.push(reason)
      if (reason.kind === 'pulling') harness.releasePrivateImage()
    }
    const container = await prepare(spec({ image: harness.images.private }), { onReason })
    expect(container.imageDigest).toBeDefined()
    await until(() => container.imagePull !== undefined)
    expect(container.imagePull).toMatchObject({ kind: 'pulled', ms: expect.any(Number) as number })
    expect(reasons.map(({ kind }) => kind)).toContain('pulling')
  },

  'reports that an image was there already': async ({ prepare }) => {
    await prepare()
    const began = Date.now()
    const second = await prepare()
    await until(() => second.imagePull !== undefined)
    expect(second.imagePull).toMatchObject({ kind: 'cached' })
    expect(second.imagePull?.at).toBeGreaterThanOrEqual(began)
  },

  'shows no password of a private image’s registry': async ({ harness, spec, tryPrepare }) => {
    const { privateDenied } = harness.images
    if (privateDenied.kind !== 'registry') throw new Error('a registry image is needed')
    const image = { ...privateDenied, credentials: { username: 'someone', password: 'canary-4711' } }
    const said: unknown[] = []
    const wanted = spec({ image })
    const prepared = await tryPrepare(wanted, { onReason: (reason) => said.push(reason) })
    expect(prepared.ok).toBe(false)
    expect(JSON.stringify([prepared, said, harness.runtime.creations, await harness.runtime.list()])).not.toContain('canary-4711')
  },

  'leaves nothing after an abort during a pull': async ({ harness, spec, tryPrepare }) => {
    const wanted = spec({ image: harness.images.stalled })
    const abort = new AbortController()
    const { promise: pulling, resolve } = Promise.withResolvers<WaitReason>()
    const prepared = tryPrepare(wanted, { signal: abort.signal, onReason: (reason) => reason.kind === 'pulling' && resolve(reason) })
    await Promise.race([pulling, prepared])
    abort.abort()
    expect(await prepared).toEqual({ ok: false, error: { kind: 'aborted' } })
    expect(await harness.exists(wanted.handle)).toBe(false)
  },
}
