import { fail, ok, type Result } from '../../model/result.ts'
import type { AttachError } from '../contract.ts'
import type { Pod } from './client/objects.ts'
import { createContainer } from './container.ts'
import { labelKeys } from './names.ts'
import type { OwnPod, Parts } from './parts.ts'
import { identify, adoptingAssessor, type Prepared } from './prepare.ts'
import { awaitReport } from './report-in.ts'
import { createTunnel } from './tunnel.ts'

/** A supervisor dials home, or is dialled, within seconds, unless another server has its session. */
const patienceMs = 30_000

export interface AttachOptions {
  readonly handle: string
  readonly signal: AbortSignal
  readonly onReleased: () => void
}

/** Attaches to the running pod of a step that is over. Creates, changes and removes nothing. */
export async function attachPod(parts: Parts, found: Pod, { handle, signal, onReleased }: AttachOptions): Promise<Result<Prepared, AttachError>> {
  const { settings } = parts
  const pod: OwnPod = { name: found.metadata?.name ?? '', uid: found.metadata?.uid ?? '' }
  const expectation = settings.rendezvous.expect(handle, { assigned: true, over: true })
  const tunnel = createTunnel(parts.dial, expectation, settings.clock, settings.log)
  const attached = await report()
  if (!attached.ok) {
    tunnel.close()
    await expectation.leave()
  }
  return attached

  async function report(): Promise<Result<Prepared, AttachError>> {
    identify(parts, expectation, pod)
    const assessor = adoptingAssessor(parts, { stepImage: '', guess: false, hermetic: found.metadata?.labels?.[labelKeys.hermetic] === 'true' })
    const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    const came = await awaitReport({ ...parts, clock: settings.clock, signal: patience, onReason: () => undefined, pod, expectation, assessor, tunnel })
    switch (came.kind) {
      case 'reported':
        return ok(createContainer(parts, { handle, image: '', pod, session: came.session, expectation, tunnel, onReleased }))
      case 'aborted':
        return fail({ kind: 'unavailable', message: 'its supervisor does not report in' })
      case 'stopped':
        return fail({ kind: 'unavailable', message: 'the server stops' })
      case 'again':
        return fail({ kind: 'ended', message: came.message })
      case 'failed':
        return fail({ kind: came.error.kind === 'lost' ? 'ended' : 'unavailable', message: 'message' in came.error ? came.error.message : '' })
    }
  }
}
