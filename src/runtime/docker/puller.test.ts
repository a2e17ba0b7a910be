import { describe, expect, it } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { ok } from '../../model/result.ts'
import type { WaitReason } from '../contract.ts'
import type { EngineClient } from './engine/client.ts'
import type { PullMessage } from './engine/pull-messages.ts'
import { createPuller } from './puller.ts'

type Pull = EngineClient['pull']

/** An engine that answers pulls as it is told, one after the other. */
function engine(...answers: readonly (readonly PullMessage[])[]): { client: EngineClient; calls: Parameters<Pull>[] } {
  const calls: Parameters<Pull>[] = []
  const pull: Pull = (...call) => {
    const messages = answers[Math.min(calls.length, answers.length - 1)] ?? []
    calls.push(call)
    return Promise.resolve(
      ok(
        (async function* () {
          await Promise.resolve()
          yield* messages
        })(),
      ),
    )
  }
  return { client: { pull } as EngineClient, calls }
}

const request = { name: 'r/x@sha256:1', reference: 'r/x:1@sha256:1', host: 'r' }
const refused: PullMessage = { kind: 'error', message: 'connection refused' }
const never = new AbortController().signal

describe('puller', () => {
  it('adds up the layers', async () => {
    const { client } = engine([
      { kind: 'progress', layer: 'a', bytes: 5, total: 10 },
      { kind: 'status', text: 'Pulling' },
    ])
    const reasons: WaitReason[] = []
    expect(await createPuller(client, fakeClock()).pull(request, never, (reason) => reasons.push(reason))).toEqual(ok({ fetched: true }))
    expect(reasons).toEqual([
      { kind: 'pulling', message: 'pulling image r/x:1@sha256:1' },
      { kind: 'pulling', message: 'pulling image r/x:1@sha256:1', progress: { bytes: 5, total: 10 } },
    ])
  })

  it.each<[string, readonly PullMessage[], boolean]>([
    ['Docker has it', [{ kind: 'status', text: 'Pulling from library/x' }, { kind: 'status', text: 'Digest: sha256:1' }, { kind: 'status', text: 'Status: Image is up to date for r/x' }], false],
    ['Docker downloads it', [{ kind: 'status', text: 'Pulling fs layer' }, { kind: 'status', text: 'Download complete' }], true],
    ['Podman has all of its layers', [{ kind: 'status', text: 'Pulling fs layer' }, { kind: 'status', text: 'Already exists' }], false],
  ])('tells whether anything was downloaded: %s', async (_case, messages, fetched) => {
    const { client } = engine(messages)
    expect(await createPuller(client, fakeClock()).pull(request, never, () => undefined)).toEqual(ok({ fetched }))
  })

  it('retries transient failures for a minute', async () => {
    const clock = fakeClock()
    const { client, calls } = engine([refused])
    const reasons: WaitReason[] = []
    const pulled = createPuller(client, clock).pull(request, never, (reason) => reasons.push(reason))
    for (let second = 0; second < 70; second++) await clock.advance(1_000)
    expect(await pulled).toEqual({ ok: false, error: { kind: 'failed', message: 'connection refused' } })
    expect(calls.length).toBeGreaterThan(5)
    expect(reasons.filter(({ kind }) => kind === 'pull-error')).toHaveLength(calls.length - 1)
  })

  it('fails at once when the registry says no', async () => {
    const { client, calls } = engine([{ kind: 'error', message: 'manifest unknown' }])
    expect(await createPuller(client, fakeClock()).pull(request, never, () => undefined)).toEqual({ ok: false, error: { kind: 'failed', message: 'manifest unknown' } })
    expect(calls).toHaveLength(1)
  })

  it('a shared pull ends when the last of its callers aborts', async () => {
    const clock = fakeClock()
    const { client, calls } = engine([refused], [])
    const puller = createPuller(client, clock)
    const [one, two] = [new AbortController(), new AbortController()]
    const first = puller.pull(request, one.signal, () => undefined)
    const second = puller.pull(request, two.signal, () => undefined)
    one.abort()
    expect(await first).toEqual({ ok: false, error: { kind: 'aborted' } })
    await clock.advance(1_000)
    expect(await second).toEqual(ok({ fetched: false }))
    expect(calls).toHaveLength(2)

    const failing = createPuller(engine([refused]).client, clock)
    const third = failing.pull(request, two.signal, () => undefined)
    await clock.advance(0)
    two.abort()
    expect(await third).toEqual({ ok: false, error: { kind: 'aborted' } })
    await clock.advance(0)
    expect(clock.sleeping).toBe(0)
  })

  it('sends credentials as padded base64url, and pulls apart for different ones', async () => {
    const { client, calls } = engine([])
    const puller = createPuller(client, fakeClock())
    const credentials = { username: 'a?>', password: 'ö~~' }
    await Promise.all([puller.pull({ ...request, credentials }, never, () => undefined), puller.pull(request, never, () => undefined)])
    expect(calls.map(([, auth]) => auth === undefined)).toEqual([false, true])
    const header = calls[0]?.[1] ?? ''
    expect(header).toMatch(/^[A-Za-z0-9_-]+=*$/)
    expect(header.length % 4).toBe(0)
    expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ ...credentials, serveraddress: 'r' })
  })
})
