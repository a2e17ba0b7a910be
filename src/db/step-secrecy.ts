import type { BuildWrites } from '../model/build.ts'
import type { Json, JsonObject } from '../model/json.ts'
import type { Cipher } from './cipher.ts'
import { json } from './db.ts'

type StepWrite = NonNullable<BuildWrites['steps']>[number]

const place = (buildId: number, planId: string): string => `steps/${buildId}/${planId}/record`

/** A step's record as its row has it: encrypted where it is secret, and what it has of secrets always. */
export function sealed(buildId: number, { planId, record, secret, secrets = [] }: StepWrite, cipher: Cipher): StepWrite {
  if (secrets.length > 0) return { planId, record: { ...record, secrets: { encrypted: cipher.encrypt(json(secrets), place(buildId, planId)) } } }
  return { planId, record: secret === true ? { encrypted: cipher.encrypt(json(record), place(buildId, planId)) } : record }
}

export function opened(buildId: number, planId: string, stored: string, cipher: Cipher): JsonObject {
  const record = JSON.parse(stored) as JsonObject
  const { encrypted, secrets } = record
  if (isSealed(secrets)) return { ...record, secrets: JSON.parse(cipher.decrypt(secrets.encrypted, place(buildId, planId))) as string[] }
  return typeof encrypted === 'string' ? (JSON.parse(cipher.decrypt(encrypted, place(buildId, planId))) as JsonObject) : record
}

const isSealed = (value: Json | undefined): value is { encrypted: string } => typeof value === 'object' && value !== null && !Array.isArray(value) && typeof value['encrypted'] === 'string'
