import type { JsonObject } from '../model/json.ts'
import type { PlanNode, PutPlan } from '../model/plan.ts'
import type { MetadataField, Version } from '../model/version.ts'
import { processEnv, resourceEnv } from './env.ts'
import { inProcessEnd } from './in-process-end.ts'
import { leaf, unfetched, type LeafEnd, type Running } from './leaf.ts'
import { errored, succeeded } from './outcome.ts'
import type { ContainerRequest, KeyedEvent, PutPorts, Step, StepPorts } from './ports.ts'
import { putDirectory, putInputs } from './put-inputs.ts'
import { parseVersionResult, responseLimit } from './resource-script.ts'
import { runScript } from './run-script.ts'
import { stepTimeout } from './step-timeout.ts'

/** Runs a resource's `out`; the version it prints is this plan id's version. */
export function putStep(node: PlanNode<'put'>, ports: PutPorts): Step {
  return { run: (state, signal) => leaf({ ports, state, signal }, () => put(node.put, { ports, state, signal })) }
}

async function put(plan: PutPlan, { ports, state, signal }: Running<PutPorts>): Promise<LeafEnd> {
  const origin = { id: ports.planId }
  ports.emit({ type: 'initialize-put', data: { origin, time: ports.time() } }, 'initialize-put')
  const source = await ports.interpolate<JsonObject>(plan.source, state, signal)
  if (!source.ok) return unfetched(source.error)
  const params = await ports.interpolate<JsonObject>({ ...plan.params }, state, signal)
  if (!params.ok) return unfetched(params.error)
  const names = putInputs(plan.inputs, { ...plan.params }, state.names())
  if (!names.ok) return { outcome: errored(names.error) }
  const limit = stepTimeout(plan.timeout)
  if (!limit.ok) return { outcome: errored(limit.error) }

  const made = ports.putInProcess(plan, source.value)
  if (made !== undefined) {
    ports.emit({ type: 'start-put', data: { origin, time: ports.time() } }, 'start-put')
    if (!made.ok) return inProcessEnd(ports, made.error, finish(ports, 1, null, null))
    await ports.enterScope(source.value)
    return { outcome: succeeded, events: [finish(ports, 0, made.value, [])], version: made.value }
  }

  const files = await ports.download(names.value, state, signal)
  if (!files.ok) return unfetched(files.error)
  const inputs = names.value.flatMap((name) => {
    const artifact = state.artifact(name)
    return artifact === undefined ? [] : [{ name, path: `${putDirectory}/${name}`, artifact }]
  })

  const image = await ports.fetchImage({ kind: 'type', image: plan.image }, state, signal)
  if (!image.ok) return unfetched(image.error)

  const ran = await runScript(ports, request(plan, ports, { image: image.value, source: source.value, params: params.value, inputs, limit: limit.value }), signal, (status) => finish(ports, status, null, null))
  if (!ran.ok) return ran.error.end

  const result = parseVersionResult('/opt/resource/out', ran.value.response ?? new Uint8Array())
  if (!result.ok) return { outcome: errored(result.error) }
  const { version, metadata } = result.value
  await ports.enterScope(source.value)
  return { outcome: succeeded, events: [finish(ports, 0, version, metadata)], version }
}

interface Work {
  readonly image: ContainerRequest['image']
  readonly source: JsonObject
  readonly params: JsonObject
  readonly inputs: ContainerRequest['assignment']['inputs']
  readonly limit: { readonly timeoutMs?: number }
}

function request(
  plan: PutPlan,
  ports: StepPorts,
  { image, source, params, inputs, limit }: Work,
): ContainerRequest {
  const createdBy = plan.expose_build_created_by && ports.build.createdBy !== undefined ? [`BUILD_CREATED_BY=${ports.build.createdBy}`] : []
  return {
    type: 'put',
    stepName: plan.name,
    image,
    limits: {},
    tags: plan.tags,
    assignment: {
      process: {
        path: '/opt/resource/out',
        args: [putDirectory],
        env: processEnv(image.config, [...resourceEnv(ports.build), ...createdBy]),
        dir: '/',
        user: image.config.user,
      },
      stdin: JSON.stringify({ source: ports.forContainer(source), ...(Object.keys(params).length > 0 && { params }) }),
      stdout: 'response',
      responseLimit,
      inputs,
      outputs: [],
      caches: [],
      mkdir: [putDirectory],
      chown: false,
      ...limit,
    },
    onStarting: () => ports.emit({ type: 'start-put', data: { origin: { id: ports.planId }, time: ports.time() } }, 'start-put'),
  }
}

function finish(ports: StepPorts, status: number, version: Version | null, metadata: readonly MetadataField[] | null): KeyedEvent {
  return {
    key: 'finish-put',
    event: {
      type: 'finish-put',
      data: { origin: { id: ports.planId }, time: ports.time(), exit_status: status, version, metadata },
    },
  }
}
