import { createHmac, timingSafeEqual } from 'node:crypto'
import { parseResult, type ResultRecord } from './messages.ts'
import { sameKey, type Proofs } from './proofs.ts'

/** Before the JSON of every result record. */
export const sealBytes = 32

/** HMAC-SHA256 of the assignment's id and the JSON, with the session key. */
export function sealOf(session: string, assignment: string, json: Uint8Array): Buffer {
  return createHmac('sha256', session).update('airside result\0').update(assignment).update('\0').update(json).digest()
}

/**
 * Reads a result record. The spool that it comes from is a file that a root process of the step may write, so only the seal
 * shows that the supervisor which ran the step made it. Without a seal only `killed` is accepted. An artifact
 * is taken only with the receipt that this container got for storing it.
 */
export function openResult(data: Buffer, assignment: string, proofs: Proofs): ResultRecord {
  const seal = data.subarray(0, sealBytes)
  const json = data.subarray(sealBytes)
  const expected = sealOf(proofs.session, assignment, json)
  const sealed = seal.length === expected.length && timingSafeEqual(seal, expected)
  const result = parseResult(json, (artifact, receipt) => sameKey(receipt, proofs.receipt(artifact)))
  if (sealed) return result
  if (result.outcome.kind !== 'killed') return killedResult('the supervisor that ran the step was killed, and its result cannot be verified')
  const { response: _, ...rest } = result
  return rest
}

export const killedResult = (message: string): ResultRecord => ({
  outcome: { kind: 'killed', oom: false, message },
  aborted: false,
  timedOut: false,
  outputs: [],
})
