import { interruptionOf } from '../lib/interruption.ts'
import type { JsonObject } from '../model/json.ts'
import type { CheckPlan, PlanNode } from '../model/plan.ts'
import type { Version } from '../model/version.ts'
import { processEnv, resourceEnv } from './env.ts'
import { leaf, timeoutMessage, unfetched, type LeafEnd, type Running } from './leaf.ts'
import { errored, succeeded } from './outcome.ts'
import type { CheckPorts, CheckResult, CheckTurn, ContainerRequest, KeyedEvent, Step } from './ports.ts'
import { parseVersions, responseLimit } from './resource-script.ts'
import { runScript } from './run-script.ts'
import { stepTimeout } from './step-timeout.ts'

/** As Concourse's: a check that hangs must not keep its resource from being checked for ever. */
const defaultTimeout = '1h'

/** Finds new versions of a resource; the newest is this plan id's version. Registry images and times are checked in this process. */
export function checkStep(node: PlanNode<'check'>, ports: CheckPorts): Step {
  return { run: (state, signal) => leaf({ ports, state, signal }, () => check(node.check, { ports, state, signal })) }
}

async function check(plan: CheckPlan, { ports, state, signal }: Running<CheckPorts>): Promise<LeafEnd> {
  ports.emit({ type: 'initialize-check', data: { origin: { id: ports.planId }, time: ports.time(), name: plan.name } }, 'initialize-check')
  const source = await ports.interpolate<JsonObject>(plan.source, state, signal)
  if (!source.ok) return unfetched(source.error)
  const turn = await turnOf(plan, source.value, ports, signal)
  if (turn === undefined) return { outcome: { kind: 'interrupted' } }
  if (turn.kind === 'answered') return { outcome: succeeded, events: [finish(ports, true)], version: turn.version }

  let result: CheckResult = { kind: 'stopped' }
  try {
    const ran = await run(plan, { ports, state, signal }, { source: source.value, from: turn.from })
    result = ran.versions ? { kind: 'found', versions: ran.versions } : resultOf(ran, signal)
    return ran.end
  } finally {
    await turn.end(result)
  }
}

/** Undefined: aborted before it came. */
async function turnOf(plan: CheckPlan, source: JsonObject, ports: CheckPorts, signal: AbortSignal): Promise<CheckTurn | undefined> {
  try {
    return await ports.beginCheck(plan, source, signal)
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}

interface Ran {
  readonly end: LeafEnd
  /** Of a check that succeeded. */
  readonly versions?: readonly Version[]
  /** Of one that failed: why. */
  readonly failure?: string
}

async function run(plan: CheckPlan, { ports, state, signal }: Running<CheckPorts>, { source, from }: { source: JsonObject; from: Version | undefined }): Promise<Ran> {
  const succeededWith = (versions: readonly Version[], version: Version | undefined): Ran => ({
    versions,
    end: { outcome: succeeded, events: [finish(ports, true)], ...(version && { version }) },
  })
  const inProcess = await ports.checkInProcess(plan, source, from, signal)
  if (inProcess !== undefined) {
    if (!inProcess.ok) return { end: unfetched(inProcess.error) }
    ports.emit({ type: 'start', data: { origin: { id: ports.planId }, time: ports.time() } }, 'start')
    return succeededWith(inProcess.value, inProcess.value.at(-1))
  }

  const limit = stepTimeout(plan.timeout ?? defaultTimeout)
  if (!limit.ok) return { end: { outcome: errored(limit.error) } }
  const image = await ports.fetchImage({ kind: 'type', image: plan.image }, state, signal)
  if (!image.ok) return { end: unfetched(image.error) }
  const ran = await runScript(ports, request(plan, ports, { image: image.value, source, from, limit: limit.value }), signal, () => finish(ports, false))
  if (!ran.ok) {
    const { end, status } = ran.error
    if (status === undefined) return { end }
    const failure = `/opt/resource/check exited with status ${status}`
    ports.note(failure)
    return { end, failure }
  }
  const versions = parseVersions('/opt/resource/check', ran.value.response ?? new Uint8Array())
  if (!versions.ok) return { end: { outcome: errored(versions.error) } }
  return succeededWith(versions.value, versions.value.at(-1) ?? from)
}

/** What is kept of a check that found nothing. */
function resultOf({ end: { outcome }, failure }: Ran, signal: AbortSignal): CheckResult {
  switch (outcome.kind) {
    case 'errored':
      return { kind: 'failed', message: outcome.message }
    case 'failed':
      return { kind: 'failed', message: failure ?? '/opt/resource/check failed' }
    case 'timed-out':
      return { kind: 'failed', message: timeoutMessage }
    case 'interrupted':
      return interruptionOf(signal) === 'timeout' ? { kind: 'failed', message: timeoutMessage } : { kind: 'stopped' }
    case 'aborted':
    case 'succeeded':
      return { kind: 'stopped' }
  }
}

function request(
  plan: CheckPlan,
  ports: CheckPorts,
  { image, source, from, limit }: { image: ContainerRequest['image']; source: JsonObject; from: Version | undefined; limit: { timeoutMs?: number } },
): ContainerRequest {
  return {
    type: 'check',
    stepName: plan.name,
    image,
    limits: {},
    tags: plan.tags,
    checkSource: source,
    assignment: {
      process: {
        path: '/opt/resource/check',
        args: [],
        env: processEnv(image.config, resourceEnv(ports.build)),
        dir: '/',
        user: image.config.user,
      },
      stdin: JSON.stringify({ source: ports.forContainer(source), ...(from && { version: from }) }),
      stdout: 'response',
      responseLimit,
      inputs: [],
      outputs: [],
      caches: [],
      chown: false,
      ...limit,
    },
    onStarting: () => ports.emit({ type: 'start', data: { origin: { id: ports.planId }, time: ports.time() } }, 'start'),
  }
}

function finish(ports: CheckPorts, success: boolean): KeyedEvent {
  return { key: 'finish', event: { type: 'finish', data: { origin: { id: ports.planId }, time: ports.time(), succeeded: success } } }
}
