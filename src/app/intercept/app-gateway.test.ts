import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { FakeInterception } from '../../runtime/fake/interception.ts'
import { FakeRuntime } from '../../runtime/fake/runtime.ts'
import { openFreeInstance } from '../../db/pglite/instance.ts'
import type { OpenRuntime } from '../runtime-environment.ts'
import type { RuntimeOptions } from '../options.ts'
import { openStores } from '../stores.ts'
import { serveAppGateway } from './app-gateway.ts'
import { remoteGateways } from '../../intercept/remote-gateway.ts'

const kubernetes = (namespace: string): RuntimeOptions => ({ kind: 'kubernetes', context: 'c', namespace, transport: 'auto', delivery: 'auto', isolation: { mode: 'baseline' } })

test('containers that another runtime has are not looked for in this one, and so not forgotten', async () => {
  const data = await mkdtemp(join(tmpdir(), 'airside-gateway-'))
  const { db, number } = await openFreeInstance(data, undefined)
  const stores = await openStores(db, data, {}, systemClock)
  const kept = async (handle: string, runtime: RuntimeOptions | undefined) => {
    const scope = await stores.scopes.ensure({ team: 'main' }, 1)
    const id = await stores.builds.createStarted({ kind: 'one-off', scope }, runtime === undefined ? {} : { runtime: { ...runtime } as never }, 1)
    await stores.builds.claim('me', 1, 1_000_000, id)
    await stores.builds.commit(id, 'me', 2, { containers: [{ handle, planId: '1', state: 'kept', guess: false, log: { acked: 0 } }] })
  }
  await kept('on-docker', { kind: 'docker' })
  await kept('here-but-gone', kubernetes('ci'))
  await kept('in-another-namespace', kubernetes('other'))
  await kept('not-said', undefined)
  const runtime = { runtime: new FakeRuntime(), description: 'context c, namespace ci', options: kubernetes('ci') } as unknown as OpenRuntime
  const served = await serveAppGateway({ data, stores, instance: number, runtime, checks: { enter: (handle, process, options) => (handle === 'of a check' ? new FakeInterception(process, options) : undefined) }, clock: systemClock, log: silentLog })
  try {
    const [gateway] = await remoteGateways(data)
    const { targets, problems } = await gateway!.find()
    expect(targets).toEqual([])
    expect(problems).toEqual([expect.stringMatching(/^containers of builds 3, 1 cannot be looked at: they are not on context c, namespace ci/)])
    // Who is in the container of a check is known there: it is entered where it waits, whatever the database says.
    const said: string[] = []
    const entered = await gateway!.enter('of a check', { path: 'sh', args: [], env: [] }, { onOutput: (data) => void said.push(Buffer.from(data).toString()), signal: new AbortController().signal })
    if (entered.ok) await entered.value.write(Buffer.from('exit 3\n'))
    expect(entered.ok && [await entered.value.result, said]).toEqual([{ ok: true, value: { kind: 'exited', status: 3 } }, ['sh\n']])
    expect((await gateway!.enter('on-docker', { path: 'sh', args: [], env: [] }, { onOutput: () => undefined, signal: new AbortController().signal })).ok).toBe(false)
    const rows = await db.query<{ handle: string; state: string }>('select handle, state from containers order by created_at, handle')
    expect(Object.fromEntries(rows.map(({ handle, state }) => [handle, state]))).toEqual({
      'on-docker': 'kept', 'here-but-gone': 'removed', 'in-another-namespace': 'kept', 'not-said': 'removed',
    })
  } finally {
    await served.close()
    await stores.close()
    await rm(data, { recursive: true, force: true })
  }
})
