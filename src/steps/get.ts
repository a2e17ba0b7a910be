import type { ArtifactRef } from '../model/artifact.ts'
import type { GetPlan, PlanNode } from '../model/plan.ts'
import type { JsonObject } from '../model/json.ts'
import type { MetadataField, Version } from '../model/version.ts'
import { processEnv, resourceEnv } from './env.ts'
import { imageIdentity } from './image-identity.ts'
import { inProcessEnd, notStored } from './in-process-end.ts'
import { leaf, unfetched, type LeafEnd, type Running } from './leaf.ts'
import { errored, succeeded } from './outcome.ts'
import type { ContainerRequest, GetPorts, KeyedEvent, ResourceCacheKey, Step } from './ports.ts'
import { parseVersionResult, responseLimit } from './resource-script.ts'
import { runScript } from './run-script.ts'
import { stepTimeout } from './step-timeout.ts'

const getDirectory = '/tmp/build/get'

/**
 * Fetches one version of a resource into an artifact of the step's name; a cached version needs no container. An image that
 * the runtime pulls is only resolved, and downloaded when a step reads it as files.
 */
export function getStep(node: PlanNode<'get'>, ports: GetPorts): Step {
  return {
    run: (state, signal) =>
      leaf({ ports, state, signal }, () => get(node, { ports, state, signal }, 'resolve'), ({ image, version, metadata }) => {
        if (image && version) state.registerImage(nameOf(node.get), { get: node, version })
        if (metadata) state.addLocalVar(nameOf(node.get), { value: Object.fromEntries(metadata.map(({ name, value }) => [name, value])), secret: false })
      }),
  }
}

/** Fetches an image's files, when a step reads them. */
export function downloadStep(node: PlanNode<'get'>, ports: GetPorts): Step {
  return { run: (state, signal) => leaf({ ports, state, signal }, () => get(node, { ports, state, signal }, 'download')) }
}

const nameOf = (plan: GetPlan): string => plan.name ?? plan.type

/** `pulled`: what is done with an image that the runtime pulls. */
async function get({ get: plan }: PlanNode<'get'>, { ports, state, signal }: Running<GetPorts>, pulled: 'resolve' | 'download'): Promise<LeafEnd> {
  const origin = { id: ports.planId }
  ports.emit({ type: 'initialize-get', data: { origin, time: ports.time() } }, 'initialize-get')
  const source = await ports.interpolate<JsonObject>(plan.source, state, signal)
  if (!source.ok) return unfetched(source.error)
  const params = await ports.interpolate<JsonObject>({ ...plan.params }, state, signal)
  if (!params.ok) return unfetched(params.error)
  const version = plan.version ?? (plan.version_from === undefined ? undefined : state.version(plan.version_from))
  if (version === undefined) return { outcome: errored(`no version was found for ${nameOf(plan)}`) }

  const limit = stepTimeout(plan.timeout)
  if (!limit.ok) return { outcome: errored(limit.error) }

  const found = pulled === 'resolve' ? await ports.findImage(plan, source.value, version, signal) : undefined
  if (found !== undefined) {
    if (!found.ok) return unfetched(found.error)
    ports.emit({ type: 'start-get', data: { origin, time: ports.time() } }, 'start-get')
    const metadata = imageMetadata(source.value, version)
    await ports.saveMetadata(source.value, version, metadata)
    return { outcome: succeeded, events: [finish(ports, 0, version, metadata)], version, metadata, image: true }
  }

  const made = await ports.getInProcess(plan, source.value, version)
  if (made !== undefined) {
    ports.emit({ type: 'start-get', data: { origin, time: ports.time() } }, 'start-get')
    if (!made.ok) return inProcessEnd(ports, made.error, finish(ports, 1, null, null))
    await ports.saveMetadata(source.value, made.value.version, [])
    return fetched(plan, ports, { ...made.value, metadata: [] })
  }

  const image = await ports.fetchImage({ kind: 'type', image: plan.image }, state, signal)
  if (!image.ok) return unfetched(image.error)

  const key: ResourceCacheKey = {
    type: plan.type,
    image: imageIdentity(image.value),
    source: source.value,
    version,
    params: params.value,
  }
  const cached = await ports.cachedResource(key)
  if (cached !== undefined) {
    ports.note('\u001b[1;36mINFO: found existing resource cache\u001b[0m\n')
    await ports.saveMetadata(source.value, cached.version, cached.metadata)
    return fetched(plan, ports, cached)
  }

  const ran = await runScript(ports, request(plan, ports, { image: image.value, source: source.value, params: params.value, version, limit: limit.value }), signal, (status) => finish(ports, status, null, null))
  if (!ran.ok) return ran.error.end

  const result = parseVersionResult('/opt/resource/in', ran.value.response ?? new Uint8Array())
  if (!result.ok) return { outcome: errored(result.error) }
  const artifact = ran.value.outputs.get('get')
  if (artifact === undefined) {
    return notStored(ran.value.failedOutputs.get('get') ?? 'no reason was given')
  }
  await ports.saveResource(key, { artifact, ...result.value })
  await ports.saveMetadata(source.value, result.value.version, result.value.metadata)
  return fetched(plan, ports, { artifact, ...result.value })
}

interface Work {
  readonly image: ContainerRequest['image']
  readonly source: JsonObject
  readonly params: JsonObject
  readonly version: Version
  readonly limit: { readonly timeoutMs?: number }
}

function request(
  plan: PlanNode<'get'>['get'],
  ports: GetPorts,
  { image, source, params, version, limit }: Work,
): ContainerRequest {
  return {
    type: 'get',
    stepName: nameOf(plan),
    image,
    limits: {},
    tags: plan.tags,
    assignment: {
      process: {
        path: '/opt/resource/in',
        args: [getDirectory],
        env: processEnv(image.config, resourceEnv(ports.build)),
        dir: '/',
        user: image.config.user,
      },
      stdin: JSON.stringify({ source: ports.forContainer(source), version, ...(Object.keys(params).length > 0 && { params }) }),
      stdout: 'response',
      responseLimit,
      inputs: [],
      outputs: [{ name: 'get', path: getDirectory }],
      caches: [],
      chown: false,
      ...limit,
    },
    onStarting: () => ports.emit({ type: 'start-get', data: { origin: { id: ports.planId }, time: ports.time() } }, 'start-get'),
  }
}

function fetched(
  plan: PlanNode<'get'>['get'],
  ports: GetPorts,
  { artifact, version, metadata }: { artifact: ArtifactRef; version: Version; metadata: readonly MetadataField[] },
): LeafEnd {
  return {
    outcome: succeeded,
    events: [finish(ports, 0, version, metadata)],
    version,
    metadata,
    artifacts: { [nameOf(plan)]: artifact },
  }
}

/** What the registry-image resource's own `in` says of an image. */
function imageMetadata(source: JsonObject, version: Version): MetadataField[] {
  const fields = { repository: source['repository'], tag: version['tag'] ?? source['tag'] ?? 'latest' }
  return Object.entries(fields).flatMap(([name, value]) => (typeof value === 'string' || typeof value === 'number' ? [{ name, value: String(value) }] : []))
}

function finish(ports: GetPorts, status: number, version: Version | null, metadata: readonly MetadataField[] | null): KeyedEvent {
  return {
    key: 'finish-get',
    event: {
      type: 'finish-get',
      data: { origin: { id: ports.planId }, time: ports.time(), exit_status: status, version, metadata },
    },
  }
}
