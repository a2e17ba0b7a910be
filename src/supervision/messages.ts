import { z } from 'zod'
import { boundedArray, boundedString } from '../lib/bounded.ts'
import { parseBoundedJson } from '../lib/bounded-json.ts'
import type { ArtifactDigest, ArtifactRef } from '../model/artifact.ts'
import { defaultGraceMs } from '../model/container.ts'
import type { Assignment, AssignmentResult, SupervisorEvent } from '../runtime/contract.ts'
import { jsonBounds, ProtocolError, type Message } from './frames.ts'

/**
* Messages of supervisors, validated. Records come from a file that a root process of the step may write, and a privileged step
 * can read its supervisor's memory: nothing here is true because it is well formed (sealed-result.ts, docs/security.md).
 */

/** Bounds that PROTOCOL.md names; lengths in UTF-16 code units, which are never more than the bytes that it speaks of. */
const maxIdLength = 512
const maxNameLength = 1024
const maxTextLength = 64 * 1024
const maxListedAssignments = 256
/** Outputs and caches of an assignment together. */
const maxOutputs = 4096
/** base64 of 8 MiB. */
const maxResponseLength = 4 * Math.ceil((8 * 1024 * 1024) / 3)

const name = boundedString(maxNameLength)
const text = boundedString(maxTextLength)
const count = z.number().int().nonnegative()
const digest = z.custom<ArtifactDigest>((value) => typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value), 'not a digest')

const proof = z.union([
  z.object({ session: boundedString(200) }),
  z.object({ token: boundedString(32_768) }),
  z.object({ first: z.literal(true) }),
])

const helloSchema = z.object({
  type: z.literal('hello'),
  protocol: z.number(),
  purpose: z.enum(['control', 'artifact']),
  container: boundedString(253),
  uid: boundedString(253).optional(),
  proof,
  version: boundedString(200).default('unknown'),
  arch: boundedString(50).default('unknown'),
  restarts: count.default(0),
  assignments: boundedArray(z.object({ id: boundedString(maxIdLength), state: z.enum(['running', 'finished']) }), maxListedAssignments).default([]),
  firstSeq: count.default(1),
  nextSeq: count.default(1),
})
export type Hello = z.infer<typeof helloSchema>

export function parseHello(message: unknown): Hello | undefined {
  return helloSchema.safeParse(message).data
}

const eventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('started'), pid: count }),
  z.object({ event: z.literal('fetched'), name, size: count }),
  z.object({ event: z.literal('stored'), name, digest, size: count }),
  z.object({ event: z.enum(['spool-full', 'spool-drained', 'terminating']) }),
  z.object({ event: z.literal('notice'), text }),
])

/** Undefined: an event of a later version. */
export function parseEvent(data: Buffer): SupervisorEvent | undefined {
  const parsed = parseBoundedJson(data, jsonBounds)
  return parsed.ok ? eventSchema.safeParse(parsed.value).data : undefined
}

const outcomeSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('exited'), status: z.number().int() }),
  z.object({ kind: z.literal('signaled'), signal: boundedString(64), oom: z.boolean().default(false) }),
  z.object({
    kind: z.literal('error'),
    reason: z.enum(['executable-not-found', 'user-not-found', 'start-failed', 'input-failed', 'output-failed', 'response-too-large']),
    message: text,
  }),
  z.object({ kind: z.literal('killed'), oom: z.boolean().default(false), message: text.default('') }),
  z.object({ kind: z.literal('never-started') }),
])

const resultSchema = z.object({
  outcome: outcomeSchema,
  aborted: z.boolean().default(false),
  timedOut: z.boolean().default(false),
  startedAt: z.number().nullish(),
  exitedAt: z.number().nullish(),
  response: boundedString(maxResponseLength).nullish(),
  outputs: boundedArray(z.union([z.object({ name, digest, size: count, receipt: boundedString(100).default('') }), z.object({ name, error: text })]), maxOutputs).nullish(),
})

export type ResultRecord = Omit<AssignmentResult, 'seq' | 'settled'>

/** `isReceipt` says whether a receipt shows that the container stored the artifact. */
export function parseResult(data: Buffer, isReceipt: (artifact: ArtifactRef, receipt: string) => boolean): ResultRecord {
  const json = parseBoundedJson(data, jsonBounds)
  if (!json.ok) return unreadableResult(json.error)
  const parsed = resultSchema.safeParse(json.value)
  if (!parsed.success) return unreadableResult(firstProblem(parsed.error))
  const { outcome, aborted, timedOut, startedAt, exitedAt, response, outputs } = parsed.data
  const foreign = (outputs ?? []).find((output) => 'digest' in output && !isReceipt(output, output.receipt))
  if (foreign !== undefined) return failedResult('output-failed', `output ${foreign.name}: the result names an artifact that this container did not store`)
  return {
    outcome,
    aborted,
    timedOut,
    ...(startedAt != null && { startedAt }),
    ...(exitedAt != null && { exitedAt }),
    ...(response != null && { response: Buffer.from(response, 'base64') }),
    outputs: (outputs ?? []).map((output) =>
      'digest' in output ? { name: output.name, artifact: { digest: output.digest, size: output.size } } : output,
    ),
  }
}

export const failedResult = (reason: 'start-failed' | 'input-failed' | 'output-failed', message: string): ResultRecord => ({
  outcome: { kind: 'error', reason, message },
  aborted: false,
  timedOut: false,
  outputs: [],
})

export const wantSchema = z.object({ type: z.literal('want'), channels: z.number().int().min(1).max(64) })

export const artifactRequestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('get'), digest }),
  z.object({ type: z.literal('put'), name: name.default('') }),
])

export const putDoneSchema = z.object({ type: z.literal('done'), digest, size: count })

/** Throws a ProtocolError for what a supervisor would not take, or what its result could not name. */
function checkBounds({ id, inputs, outputs, caches }: Assignment): void {
  if (id === '' || Buffer.byteLength(id) > maxIdLength) throw new ProtocolError(`its id has ${Buffer.byteLength(id)} bytes, 1 to ${maxIdLength} are allowed`)
  for (const { name } of [...inputs, ...outputs, ...caches]) {
    const bytes = Buffer.byteLength(name)
    if (bytes > maxNameLength) throw new ProtocolError(`the name ${name.slice(0, 40)}… of an input, output or cache has ${bytes} bytes, at most ${maxNameLength} are allowed`)
  }
  const stored = outputs.length + caches.length
  if (stored > maxOutputs) throw new ProtocolError(`it has ${stored} outputs and caches, at most ${maxOutputs} are allowed`)
}

/** The protocol's `assign` message. An interactive one has its step's environment, and its folder and user where it says none. */
export function assignMessage(assignment: Assignment, interactive: boolean, outputLimit: number): Message {
  checkBounds(assignment)
  const { id, process, stdin, stdout, responseLimit, inputs, outputs, caches, mkdir, chown, timeoutMs, graceMs } = assignment
  return {
    type: 'assign',
    id,
    process,
    stdin: stdin === undefined ? undefined : Buffer.from(stdin).toString('base64'),
    stdout,
    responseLimit,
    inputs: inputs.map(({ name, path, artifact }) => ({ name, path, ...artifact })),
    outputs,
    outputLimit,
    caches: caches.map(({ name, path, artifact }) => ({ name, path, ...artifact })),
    mkdir: mkdir ?? [],
    chown,
    timeoutMs,
    graceMs: graceMs ?? defaultGraceMs,
    drainMs: 1_000,
    ...(interactive && { interactive: true, inherit: true }),
  }
}

const unreadableResult = (why: string): ResultRecord => failedResult('start-failed', `the supervisor sent a result that cannot be read: ${why}`)

/** The place in the document and what is wrong there. */
function firstProblem(error: z.ZodError): string {
  const [issue] = error.issues
  if (issue === undefined) return 'not a result'
  return issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`
}
