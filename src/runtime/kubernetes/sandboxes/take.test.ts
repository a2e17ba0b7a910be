import { describe, expect, it } from 'vitest'
import type { ContainerSpec, WaitReason } from '../../contract.ts'
import { container } from '../testing/pods.ts'
import { sandboxWorld } from '../testing/sandbox-world.ts'

const { world, create, label, prepare, resume, start, step, until, warmed, writes } = sandboxWorld()

describe('a sandbox', () => {
  it('is taken by one of two steps that come at once', async () => {
    const [name = ''] = await warmed()
    const both = await Promise.all([prepare(), prepare()])
    expect(both.map((one) => one.ok && one.value.warmSandbox).toSorted()).toEqual([false, true])
    expect(label(name, 'sandbox')).toBe('taken')
  })

  it('that another server has taken meanwhile is left to it', async () => {
    const [name = ''] = await warmed()
    world.api.answer = (method, path) => {
      if (method !== 'PATCH' || !path.includes(name)) return undefined
      world.api.answer = undefined
      const found = world.api.objects.get(name)
      world.api.put(name, { ...found, metadata: { ...found?.metadata, labels: { ...(found?.metadata['labels'] as object), 'airside.dev/sandbox': 'taken', 'airside.dev/container': 'of-another' } } })
      return undefined
    }
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(label(name, 'container')).toBe('of-another')
    expect(world.api.objects.has(name)).toBe(true)
  })

  it('whose status was written meanwhile is read again and taken', async () => {
    const [name = ''] = await warmed()
    world.api.answer = (method, path) => {
      if (method !== 'PATCH' || !path.includes(name)) return undefined
      world.api.answer = undefined
      world.api.put(name, world.api.objects.get(name))
      return undefined
    }
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: true } })
  })

  it.each([['504', { status: 504, body: { kind: 'Status', message: 'took too long' } }], ['a cut connection', 'hang-up' as const]])('whose change answered %s is removed, and the step has a pod of its own', async (_name, answer) => {
    const [name = ''] = await warmed()
    world.api.answer = (method, path) => (method === 'PATCH' && path.includes(name) ? answer : undefined)
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(world.api.objects.has(name)).toBe(false)
  })

  it('that was taken before a restart is adopted by its label, and none is made', async () => {
    const [name = ''] = await warmed()
    const spec = step()
    await prepare(spec)
    await world.runtime.stop()
    world.runtime = create(2)
    await world.runtime.start()
    const posts = writes('POST', /pods$/).length
    expect(await prepare(spec)).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect(world.rendezvous.expected.get(spec.handle)?.uid()).toBe(world.api.objects.get(name)?.metadata.uid)
    expect(writes('POST', /pods$/)).toHaveLength(posts)
  })

  it('that was claimed before a restart and never had its image is removed', async () => {
    const spec = step()
    world.api.put('claimed', { metadata: { labels: { 'airside.dev/installation': 'demo', 'airside.dev/container': spec.handle, 'airside.dev/sandbox': 'claimed' } } })
    await world.runtime.stop()
    world.runtime = create(2)
    await world.runtime.start()
    expect(await prepare(spec)).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(world.api.objects.has('claimed')).toBe(false)
  })

  it('in which the step’s container does not start is removed, and the step has a pod of its own', async () => {
    const [name = ''] = await warmed()
    const spec = step()
    const reasons: WaitReason[] = []
    const prepared = start(spec, { onReason: (reason) => reasons.push(reason) })
    await until(() => label(name, 'sandbox') === 'taken')
    resume(name, { phase: 'Running', containerStatuses: [container({ terminated: { exitCode: 128, reason: 'StartError' } }, { containerID: 'containerd://new', restartCount: 3 })] })
    await until(() => !world.api.objects.has(name) && (world.rendezvous.expected.get(spec.handle)?.uid() ?? '') !== '')
    world.rendezvous.expected.get(spec.handle)?.report()
    expect(await prepared).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(reasons.map(({ kind }) => kind)).toEqual(['starting'])
  })

  it('whose step’s image cannot be pulled is removed, and the error is the step’s', async () => {
    const [name = ''] = await warmed()
    const prepared = start(step())
    await until(() => label(name, 'sandbox') === 'taken')
    resume(name, { phase: 'Running', containerStatuses: [container({ waiting: { reason: 'ErrImagePull', message: 'not found' } }, { containerID: `containerd://${name}` })] })
    expect(await prepared).toMatchObject({ ok: false, error: { kind: 'image-pull' } })
    expect(world.api.objects.has(name)).toBe(false)
  })
})

it('credentials are written only when the sandbox is the step’s, and before its image changes', async () => {
  const own = (): ContainerSpec => step({ image: { kind: 'registry', reference: 'r.io/a:1', host: 'r.io', credentials: { username: 'u', password: 'canary' } } })
  const [name = ''] = await warmed(1, own)
  expect(writes('POST', /pods$/).at(-1)?.body).toMatchObject({ spec: { imagePullSecrets: [{ name: `${name}-pull` }, { name: 'account-pull' }] } })
  const before = world.api.calls.length
  expect(await prepare(own())).toMatchObject({ ok: true, value: { warmSandbox: true } })
  const wrote = world.api.calls.slice(before).filter(({ method, path, body }) => method !== 'GET' && JSON.stringify([path, body]).includes(name) && !JSON.stringify(body).includes('ownerReferences'))
  expect(wrote.map(({ method, path, body }) => `${method} ${path.includes('/pods/') ? 'pod' : 'secret'}${JSON.stringify(body).includes('"image"') ? ' with its image' : ''}`)).toEqual(['PATCH pod', 'POST secret', 'PATCH pod with its image'])
  expect(JSON.stringify(wrote.filter(({ path }) => path.includes('/pods/')))).not.toContain(Buffer.from('canary').toString('base64'))
})

describe('a limit on memory', () => {
  it('is given to the sandbox before the step has it', async () => {
    const [name = ''] = await warmed()
    expect(await prepare(step({ limits: { memory: 2 ** 28 } }))).toMatchObject({ ok: true, value: { warmSandbox: true } })
    expect(world.api.calls.filter(({ method, path }) => method === 'PATCH' && path.includes(name)).map(({ path }) => path.split('/').at(-1))).toEqual(['resize', name])
  })

  it('has a pod of its own where the cluster refuses that, from then on without asking', async () => {
    await warmed(2)
    const limited = () => prepare(step({ limits: { memory: 2 ** 28 } }))
    world.api.answer = (_method, path) => (path.endsWith('/resize') ? { status: 422, body: { kind: 'Status', reason: 'Invalid', message: 'resize is not supported' } } : undefined)
    expect(await limited()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(await limited()).toMatchObject({ ok: true, value: { warmSandbox: false } })
    expect(writes('PATCH', /resize$/)).toHaveLength(1)
    expect(world.said.filter((line) => line.includes('refuses to resize'))).toHaveLength(1)
    expect(await prepare()).toMatchObject({ ok: true, value: { warmSandbox: true } })
  })
})
