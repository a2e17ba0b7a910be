import { expect, it } from 'vitest'
import { fakeClock } from '../../lib/clock.ts'
import { fail, ok } from '../../model/result.ts'
import type { ContainerSpec } from '../contract.ts'
import { containerBody } from './container-body.ts'
import type { DockerContext } from './context.ts'
import type { EngineClient } from './engine/client.ts'
import { obtainContainer } from './obtain.ts'

const spec: ContainerSpec = {
  handle: 'unit-b7-task-0a1b2c3d', type: 'task', image: { kind: 'registry', reference: 'r/busybox@sha256:1', host: 'r' }, architectures: [], privileged: false, limits: {},
  metadata: { team: 'main', buildId: 7, buildName: '7', planId: '1', stepName: 'unit' }, guess: false,
}
const bodyOf = (ownUsers: boolean) =>
  containerBody(spec, { installation: 'here', serverKey: 'key', supervisorSettings: {}, image: 'r/busybox@sha256:1', transport: { kind: 'exec' }, selinux: false, swapLimit: true, ownUsers })

/** An engine that has a running container of the spec. */
function engineWith(labels: Readonly<Record<string, string>>) {
  let there: string | undefined = 'old'
  const client = {
    create: () => Promise.resolve(there === undefined ? ok({ id: (there = 'new') }) : fail({ kind: 'conflict', message: 'the name is in use' })),
    inspect: () => Promise.resolve(ok({ id: there, state: 'running', exitCode: 0, oomKilled: false, labels })),
    remove: () => Promise.resolve(ok((there = undefined))),
  } as unknown as EngineClient
  return { client, clock: fakeClock(), installation: 'here', creations: [] } as unknown as DockerContext
}

it.each([[true, false, 'new'], [false, true, 'new'], [true, true, 'old'], [false, false, 'old']])('with users of its own %s, a container that was made with %s is %s', async (asked, before, id) => {
  const image = { reference: 'r/busybox', name: 'r/busybox@sha256:1', fetchFirst: false }
  const options = { signal: new AbortController().signal, onReason: () => undefined }
  const obtained = await obtainContainer(engineWith(bodyOf(before).Labels), { spec, image, body: bodyOf(asked) } as unknown as Parameters<typeof obtainContainer>[1], options)
  expect(obtained).toMatchObject({ ok: true, value: { id } })
})
