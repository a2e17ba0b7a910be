import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { countRequest, countTraffic, layerByteCounter, type Traffic } from './traffic.ts'

test('traffic is counted for the work that caused it, also beside other work and in stream callbacks', async () => {
  const send = async (pieces: number) => {
    countRequest()
    await Promise.resolve()
    const count = layerByteCounter()
    for await (const piece of Readable.from(Array.from({ length: pieces }, () => Buffer.alloc(10)))) count((piece as Buffer).length)
    countRequest()
  }
  const [one, two]: [Traffic, Traffic] = [{ requests: 0, layerBytes: 0 }, { requests: 0, layerBytes: 0 }]
  await Promise.all([countTraffic(one, () => send(1)), countTraffic(two, () => send(3)), send(5)])
  expect([one, two]).toEqual([{ requests: 2, layerBytes: 10 }, { requests: 2, layerBytes: 30 }])
})
