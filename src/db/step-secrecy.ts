import type { BuildWrites } from '../model/build.ts'
import type { JsonObject } from '../model/json.ts'
import type { Cipher } from './cipher.ts'
import { json } from './db.ts'

type StepWrite = NonNullable<BuildWrites['steps']>[number]

const place = (buildId: number, planId: string): string => `steps/${buildId}/${planId}/record`

/** A step's record as its row has it: encrypted where it is secret. */
export function sealed(buildId: number, { planId, record, secret }: StepWrite, cipher: Cipher): StepWrite {
  return { planId, record: secret === true ? { encrypted: cipher.encrypt(json(record), place(buildId, planId)) } : record }
}

export function opened(buildId: number, planId: string, stored: string, cipher: Cipher): JsonObject {
  const record = JSON.parse(stored) as JsonObject
  const { encrypted } = record
  return typeof encrypted === 'string' ? (JSON.parse(cipher.decrypt(encrypted, place(buildId, planId))) as JsonObject) : record
}
