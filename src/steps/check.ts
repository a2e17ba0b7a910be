import type { JsonObject } from '../model/json.ts'
import type { CheckPlan, PlanNode } from '../model/plan.ts'
import type { Version } from '../model/version.ts'
import { processEnv, resourceEnv } from './env.ts'
import { leaf, unfetched, type LeafEnd, type Running } from './leaf.ts'
import { errored, failed, succeeded } from './outcome.ts'
import type { CheckPorts, ContainerRequest, KeyedEvent, Step } from './ports.ts'
import { processEnd } from './process-end.ts'
import { parseVersions, responseLimit } from './resource-script.ts'
import { stepTimeout } from './step-timeout.ts'

/** Finds new versions of a resource; the newest is this plan id's version. A registry image is checked in this process. */
export function checkStep(node: PlanNode<'check'>, ports: CheckPorts): Step {
  return { run: (state, signal) => leaf({ ports, state, signal }, () => check(node.check, { ports, state, signal })) }
}

async function check(plan: CheckPlan, { ports, state, signal }: Running<CheckPorts>): Promise<LeafEnd> {
  ports.emit({ type: 'initialize-check', data: { origin: { id: ports.planId }, time: ports.time(), name: plan.name } }, 'initialize-check')
  const source = await ports.interpolate<JsonObject>(plan.source, state)
  if (!source.ok) return { outcome: errored(source.error) }

  const from = plan.from_version ?? (await ports.latestVersion(source.value))
  const inProcess = await ports.checkInProcess(plan, source.value, from, signal)
  if (inProcess !== undefined) {
    if (!inProcess.ok) return unfetched(inProcess.error)
    ports.emit({ type: 'start', data: { origin: { id: ports.planId }, time: ports.time() } }, 'start')
    await ports.saveVersions(source.value, inProcess.value)
    const version = inProcess.value.at(-1)
    return { outcome: succeeded, events: [finish(ports, true)], ...(version && { version }) }
  }

  const limit = stepTimeout(plan.timeout)
  if (!limit.ok) return { outcome: errored(limit.error) }
  const image = await ports.fetchImage({ kind: 'type', image: plan.image }, state, signal)
  if (!image.ok) return unfetched(image.error)
  const ran = await ports.run(request(plan, ports, { image: image.value, source: source.value, from, limit: limit.value }), signal)
  if (!ran.ok) return unfetched(ran.error)
  const end = processEnd(ran.value)
  if (end.kind === 'errored') return { outcome: errored(end.message) }
  if (end.kind !== 'exit') return { outcome: { kind: end.kind } }
  if (end.note !== undefined) ports.note(end.note)
  if (end.status !== 0) {
    ports.note(`/opt/resource/check exited with status ${end.status}`)
    return { outcome: failed, events: [finish(ports, false)] }
  }
  const versions = parseVersions('/opt/resource/check', ran.value.response ?? new Uint8Array())
  if (!versions.ok) return { outcome: errored(versions.error) }
  await ports.saveVersions(source.value, versions.value)
  const version = versions.value.at(-1) ?? from
  return { outcome: succeeded, events: [finish(ports, true)], ...(version && { version }) }
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
