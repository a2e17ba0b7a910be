import { pushNewest } from '../../lib/newest.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import { mostCreations, type ContainerSpec, type ImagePull, type PrepareError, type PrepareOptions } from '../contract.ts'
import type { DockerContext } from './context.ts'
import type { CreateBody } from './engine/client.ts'
import type { EngineError } from './engine/errors.ts'
import type { ContainerState } from './engine/shapes.ts'
import type { LocatedImage } from './images.ts'
import { labelNames, type Transport } from './labels.ts'
import { removeContainer } from './remove-container.ts'

export interface Obtained {
  readonly id: string
  readonly state: ContainerState
  readonly transport: Transport
  /** How a container that was created now got its image. */
  readonly pull?: ImagePull
}

/** The container of a step that had its assignment before a restart. It is never made anew: its process may have run. */
export async function findExisting(context: DockerContext, handle: string): Promise<Result<Obtained, PrepareError>> {
  const found = await context.client.inspect(handle)
  if (!found.ok) {
    if (found.error.kind === 'not-found') return fail({ kind: 'lost', message: 'the container is gone: it was removed from outside', mayStillRun: false })
    return fail({ kind: 'unavailable', message: found.error.message })
  }
  const { id, state, labels } = found.value
  if (labels[labelNames.installation] !== context.installation) return fail(nameTaken(handle))
  return ok({ id, state, transport: labels[labelNames.transport] === 'exec' ? 'exec' : 'socket' })
}

export interface WantedContainer {
  readonly spec: ContainerSpec
  readonly image: LocatedImage
  readonly body: CreateBody
}

/** Creates the container, pulling its image first if the engine does not have it, or takes the one that is there. */
export async function obtainContainer(
  context: DockerContext,
  { spec, image, body }: WantedContainer,
  options: PrepareOptions,
): Promise<Result<Obtained, PrepareError>> {
  const { clock } = context
  let pulled: ImagePull | undefined
  let current = body
  const pull = async (): Promise<Result<void, PrepareError>> => {
    const from = clock.now()
    const fetched = await context.images.fetch(spec.image, image, options.signal, options.onReason)
    if (!fetched.ok) return fetched
    const at = clock.now()
    pulled = fetched.value.fetched ? { kind: 'pulled', ms: at - from, at } : { kind: 'cached', at }
    current = { ...body, Image: fetched.value.name }
    return ok(undefined)
  }
  if (image.fetchFirst) {
    const fetched = await pull()
    if (!fetched.ok) return fetched
  }
  for (;;) {
    if (options.signal.aborted) return fail({ kind: 'aborted' })
    // Not cancelled: after a cancelled call it is not known whether the container was created.
    const created = await context.client.create(spec.handle, current)
    if (created.ok) {
      pushNewest(context.creations, { handle: spec.handle, type: spec.type, stepName: spec.metadata.stepName, image: image.reference }, mostCreations)
      return ok({ id: created.value.id, state: 'created', transport: transportOf(body), pull: pulled ?? { kind: 'cached', at: clock.now() } })
    }
    switch (created.error.kind) {
      case 'not-found': {
        if (pulled !== undefined) return fail(rejection(created.error))
        const fetched = await pull()
        if (!fetched.ok) return fetched
        break
      }
      case 'conflict': {
        const taken = await adopt(context, spec, body)
        if (!taken.ok || taken.value !== undefined) return taken as Result<Obtained, PrepareError>
        break
      }
      case 'aborted':
      case 'unavailable':
      case 'refused':
        return fail(rejection(created.error))
    }
  }
}

/** The container that has the name, if it is the one that is wanted; otherwise it is removed, and the name is free. */
async function adopt(context: DockerContext, spec: ContainerSpec, body: CreateBody): Promise<Result<Obtained | undefined, PrepareError>> {
  const found = await context.client.inspect(spec.handle)
  if (!found.ok) {
    if (found.error.kind === 'not-found') return ok(undefined)
    // A container whose removal was interrupted may be listed and still not be inspected.
    const listed = await context.client.list([`${labelNames.installation}=${context.installation}`])
    if (!listed.ok || listed.value.every(({ name }) => name !== spec.handle)) return fail(rejection(found.error))
    await removeContainer(context.client, spec.handle)
    return ok(undefined)
  }
  const { id, state, labels } = found.value
  if (labels[labelNames.installation] !== context.installation) return fail(nameTaken(spec.handle))
  const usable = state === 'created' || state === 'running'
  if (usable && labels[labelNames.spec] === body.Labels[labelNames.spec]) {
    return ok({ id, state, transport: labels[labelNames.transport] === 'exec' ? 'exec' : 'socket' })
  }
  await removeContainer(context.client, spec.handle)
  return ok(undefined)
}

const transportOf = (body: CreateBody): Transport => (body.Labels[labelNames.transport] === 'exec' ? 'exec' : 'socket')

const nameTaken = (handle: string): PrepareError => ({ kind: 'rejected', message: `a container named ${handle} exists that is not ours` })

function rejection(error: EngineError): PrepareError {
  switch (error.kind) {
    case 'aborted':
      return { kind: 'aborted' }
    case 'unavailable':
      return error
    case 'not-found':
    case 'conflict':
    case 'refused':
      return { kind: 'rejected', message: `the engine refuses the container: ${error.message}` }
  }
}
