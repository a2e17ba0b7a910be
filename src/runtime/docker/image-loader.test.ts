import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { countTraffic } from '../../lib/traffic.ts'
import { fail, ok } from '../../model/result.ts'
import { createImageLoader } from './image-loader.ts'
import type { EngineClient } from './engine/client.ts'

const source = { kind: 'artifact', name: 'made', artifact: { digest: `sha256:${'a'.repeat(64)}`, size: 1 } } as const
const { signal } = new AbortController()

/** An engine that takes what it is sent, as HTTP does. */
function engine() {
  const taken: Buffer[] = []
  const client = {
    importImage: async (_name: string, tar: Readable) => {
      try {
        taken.push(await buffer(tar))
        return ok(undefined)
      } catch {
        return fail({ kind: 'unavailable', message: 'the connection broke' })
      }
    },
  } as unknown as EngineClient
  return { client, taken }
}

test('an artifact that is imported as an image arrives whole, and its bytes are counted', async () => {
  const { client, taken } = engine()
  const pieces = [Buffer.alloc(70_000, 1), Buffer.alloc(30_000, 2)]
  const images = createImageLoader(client, () => Promise.resolve(ok({ kind: 'files' as const, tar: Readable.from(pieces) })))
  const traffic = { requests: 0, layerBytes: 0 }
  expect(await countTraffic(traffic, () => images.import(source, signal))).toMatchObject({ ok: true })
  expect(taken).toEqual([Buffer.concat(pieces)])
  expect(traffic.layerBytes).toBe(100_000)
})

test('what is wrong with the artifact is the error, not that the upload broke off', async () => {
  const broken = Readable.from(
    (function* () {
      yield Buffer.alloc(10)
      throw new Error('artifact made is damaged')
    })(),
  )
  const images = createImageLoader(engine().client, () => Promise.resolve(ok({ kind: 'files' as const, tar: broken })))
  expect(await images.import(source, signal)).toEqual({ ok: false, error: 'artifact made is damaged' })
})
