import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { ArtifactRef } from '../model/artifact.ts'
import { proofsOf } from './proofs.ts'
import { openResult, sealBytes, sealOf } from './sealed-result.ts'

const secret = randomBytes(32)
const proofs = proofsOf(secret, 'c', 'uid')
const artifact: ArtifactRef = { digest: `sha256:${'a'.repeat(64)}`, size: 10_240 }
const exited = { kind: 'exited', status: 0 }
const killed = { kind: 'killed', oom: true, message: 'out of memory' }

const record = (result: object, seal?: Buffer): Buffer => {
  const json = Buffer.from(JSON.stringify(result))
  return Buffer.concat([seal ?? sealOf(proofs.session, 'a', json), json])
}
const unsealed = (result: object): Buffer => record(result, Buffer.alloc(sealBytes))

test('a sealed result is taken unchanged', () => {
  expect(openResult(record({ outcome: exited, response: 'aGk=' }), 'a', proofs)).toMatchObject({ outcome: exited, response: Buffer.from('hi') })
})

describe('a result with a wrong seal counts as killed', () => {
  const json = Buffer.from(JSON.stringify({ outcome: exited }))
  test.each([
    ['without a seal', unsealed({ outcome: exited })],
    ['sealed for another assignment', record({ outcome: exited }, sealOf(proofs.session, 'b', json))],
    ['sealed with the key of a supervisor that started again', record({ outcome: exited }, sealOf(proofs.resumed, 'a', json))],
    ['sealed by another container', record({ outcome: exited }, sealOf(proofsOf(secret, 'd', 'uid').session, 'a', json))],
    ['sealed by an earlier container of the same name', record({ outcome: exited }, sealOf(proofsOf(secret, 'c', 'before').session, 'a', json))],
    ['changed after it was sealed', Buffer.concat([sealOf(proofs.session, 'a', json), Buffer.from(json.toString().replace('0', '1'))])],
  ])('%s', (_, data) => {
    expect(openResult(data, 'a', proofs)).toMatchObject({ outcome: { kind: 'killed', message: expect.stringContaining('cannot be verified') }, outputs: [] })
  })
})

test('without a seal killed and stored outputs count, but no response', () => {
  const outputs = [{ name: 'out', ...artifact, receipt: proofs.receipt(artifact) }]
  const result = openResult(unsealed({ outcome: killed, response: 'aGk=', outputs }), 'a', proofs)
  expect(result).toMatchObject({ outcome: killed, outputs: [{ name: 'out', artifact }] })
  expect(result.response).toBeUndefined()
})

describe('an artifact without this container’s receipt fails the step', () => {
  test.each([
    ['none', ''],
    ['of another container', proofsOf(secret, 'd', 'uid').receipt(artifact)],
    ['of an earlier container of the same name', proofsOf(secret, 'c', 'before').receipt(artifact)],
    ['of another size', proofs.receipt({ ...artifact, size: artifact.size + 1 })],
    ['of another digest', proofs.receipt({ ...artifact, digest: `sha256:${'b'.repeat(64)}` })],
    ['which is the session key', proofs.session],
  ])('receipt: %s', (_, receipt) => {
    const outputs = [{ name: 'out', ...artifact, receipt }]
    const error = { kind: 'error', reason: 'output-failed', message: 'output out: the result names an artifact that this container did not store' }
    expect(openResult(record({ outcome: exited, outputs }), 'a', proofs)).toMatchObject({ outcome: error, outputs: [] })
  })
})

test('a result that cannot be read is an error, not a hang', () => {
  for (const data of [record({ outcome: { kind: 'won' } }), Buffer.concat([sealOf(proofs.session, 'a', Buffer.from('{')), Buffer.from('{')])]) {
    expect(openResult(data, 'a', proofs)).toMatchObject({ outcome: { kind: 'error', reason: 'start-failed' } })
  }
  for (const data of [Buffer.alloc(0), Buffer.alloc(sealBytes - 1), Buffer.alloc(sealBytes)]) {
    expect(openResult(data, 'a', proofs)).toMatchObject({ outcome: { kind: 'killed' } })
  }
})
