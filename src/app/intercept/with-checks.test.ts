import { expect, test } from 'vitest'
import { WaitingCheckContainers } from '../../checks/check-containers.ts'
import { fakeClock } from '../../lib/clock.ts'
import { silentLog } from '../../lib/log.ts'
import { fail } from '../../model/result.ts'
import type { ContainerSpec } from '../../runtime/contract.ts'
import { FakeRuntime } from '../../runtime/fake/runtime.ts'
import { withChecks } from './with-checks.ts'

const noAbort = new AbortController().signal
const spec = (handle: string): ContainerSpec => ({
  handle, type: 'check', image: { kind: 'registry', reference: 'git', host: 'r' }, architectures: [], privileged: false, limits: {}, guess: false,
  metadata: { team: 'main', pipeline: 'p', buildId: 7, buildName: '7', planId: '1', stepName: 'repo' },
})

test('of the containers of checks those are listed that are there', async () => {
  const runtime = new FakeRuntime()
  const checks = new WaitingCheckContainers(fakeClock(), silentLog)
  const gateway = withChecks({ find: () => Promise.resolve({ targets: [] }), enter: () => Promise.resolve(fail('no')) }, checks, runtime)
  const use = { teamId: 1, pipelineId: 2, name: 'repo' }
  for (const handle of ['here', 'ended', 'gone']) {
    const container = await runtime.prepare(spec(handle), { signal: noAbort, onReason: () => undefined })
    if (container.ok) checks.begin(container.value, use)
  }
  runtime.containers.get('ended')!.state = 'ended'
  runtime.containers.delete('gone')
  expect(await gateway.checks()).toEqual([{ handle: 'here', uses: [use] }])
  runtime.list = () => Promise.reject(new Error('no engine'))
  expect(await gateway.checks()).toEqual([])
})
