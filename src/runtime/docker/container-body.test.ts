import { describe, expect, it } from 'vitest'
import type { ContainerSpec } from '../contract.ts'
import { containerBody, specHash, type BodyOptions } from './container-body.ts'
import { infoOf, labelNames } from './labels.ts'

const spec: ContainerSpec = {
  handle: 'unit-b7-task-0a1b2c3d',
  type: 'task',
  image: { kind: 'registry', reference: 'docker.io/library/busybox:1@sha256:1', host: 'registry-1.docker.io', credentials: { username: 'u', password: 'canary' } },
  architectures: [],
  privileged: false,
  limits: { memory: 100, cpu: 512 },
  metadata: { team: 'main', pipeline: 'p', job: 'j', buildId: 7, buildName: '7', planId: '1/2', stepName: 'unit' },
  guess: false,
}
const options: BodyOptions = {
  installation: 'here',
  serverKey: 'key',
  supervisorSettings: {},
  image: 'docker.io/library/busybox@sha256:1',
  transport: { kind: 'socket', binary: '/data/supervisor', home: '/data/homes/x' },
  selinux: false,
  swapLimit: true,
  ownUsers: false,
}

describe('containerBody', () => {
  it('adds the supervisor’s own memory to a small limit, and allows no swap', () => {
    const { HostConfig } = containerBody(spec, options)
    expect(HostConfig).toMatchObject({ Memory: 100 + 32 * 1024 * 1024, MemorySwap: 100 + 32 * 1024 * 1024, CpuShares: 512 })
    expect(containerBody(spec, { ...options, swapLimit: false }).HostConfig).not.toHaveProperty('MemorySwap')
    expect(containerBody({ ...spec, limits: {} }, options).HostConfig).not.toHaveProperty('Memory')
  })

  it('takes zero for no limit, and keeps to what engines accept', () => {
    const { HostConfig } = containerBody({ ...spec, limits: { memory: 0, cpu: 0 } }, options)
    for (const key of ['Memory', 'MemorySwap', 'CpuShares']) expect(HostConfig).not.toHaveProperty(key)
    expect(containerBody({ ...spec, limits: { cpu: 1 } }, options).HostConfig).toMatchObject({ CpuShares: 2 })
    const most = 2 ** 50
    expect(containerBody({ ...spec, limits: { memory: 1e300, cpu: 1e300 } }, options).HostConfig).toMatchObject({ Memory: most, MemorySwap: most, CpuShares: 262_144 })
  })

  it('mounts under /tmp/.airside only, and read-only, or nothing', () => {
    expect(containerBody(spec, options).HostConfig.Mounts.map(({ Target, ReadOnly }) => [Target, ReadOnly])).toEqual([
      ['/tmp/.airside/bin', true],
      ['/tmp/.airside/home', true],
    ])
    const exec = containerBody(spec, { ...options, transport: { kind: 'exec' } })
    expect(exec.HostConfig.Mounts).toEqual([])
    expect(exec.Env).toContain('AIRSIDE_LISTEN=127.0.0.1:7077')
    expect(exec.Env.join()).not.toContain('AIRSIDE_HOME')
  })

  it('drops NET_RAW unless the step is privileged', () => {
    expect(containerBody(spec, options).HostConfig).toMatchObject({ CapDrop: ['NET_RAW'], Privileged: false })
    expect(containerBody({ ...spec, privileged: true }, options).HostConfig).toMatchObject({ CapDrop: [], Privileged: true })
  })

  it('gives a container users of its own where the engine can, unless the step is privileged', () => {
    const range = '0:1073741824:1073741824'
    expect(containerBody(spec, { ...options, ownUsers: true }).HostConfig.UsernsMode).toBe(`auto:size=1073741824,uidmapping=${range},gidmapping=${range}`)
    expect(containerBody({ ...spec, privileged: true }, { ...options, ownUsers: true }).HostConfig).not.toHaveProperty('UsernsMode')
    expect(containerBody(spec, options).HostConfig).not.toHaveProperty('UsernsMode')
  })

  it('gives a hermetic step no network, and another spec hash', () => {
    const hermetic = { ...spec, hermetic: true }
    expect(containerBody(hermetic, options).HostConfig).toMatchObject({ NetworkMode: 'none' })
    expect(containerBody(spec, options).HostConfig).not.toHaveProperty('NetworkMode')
    expect(specHash(hermetic)).not.toBe(specHash(spec))
  })

  it('hands on what supervisors are to do on their own, and nothing where nothing is said', () => {
    const { Env } = containerBody(spec, { ...options, supervisorSettings: { spoolBytes: 100_000, idleSeconds: 5, keepSeconds: 60 } })
    expect(Env).toEqual(expect.arrayContaining(['AIRSIDE_SPOOL_BYTES=100000', 'AIRSIDE_IDLE_SECONDS=5', 'AIRSIDE_KEEP_SECONDS=60']))
    expect(containerBody(spec, options).Env.join()).not.toMatch(/SPOOL|IDLE|KEEP/)
  })

  it('holds no secret', () => {
    expect(JSON.stringify(containerBody(spec, options))).not.toContain('canary')
  })

  it('says in its labels whose container it is', () => {
    const { Labels } = containerBody(spec, options)
    expect(Labels[labelNames.installation]).toBe('here')
    expect(infoOf({ id: 'x', name: spec.handle, state: 'running', labels: Labels })).toEqual({
      handle: spec.handle,
      metadata: spec.metadata,
      type: 'task',
      guess: false,
      state: 'ready',
    })
  })

  it('lists nothing whose labels were made unreadable', () => {
    const { Labels } = containerBody(spec, options)
    expect(infoOf({ id: 'x', name: 'x', state: 'running', labels: { ...Labels, [labelNames.metadata]: '{' } })).toBeUndefined()
    expect(infoOf({ id: 'x', name: 'x', state: 'running', labels: {} })).toBeUndefined()
    // It may have been broken off: whoever sweeps takes it too.
    expect(infoOf({ id: 'x', name: spec.handle, state: 'removing', labels: Labels })?.state).toBe('ended')
  })
})

describe('specHash', () => {
  it('changes with what a container is made of, not with whose it is', () => {
    const hash = specHash(spec)
    expect(specHash({ ...spec, guess: true, metadata: { ...spec.metadata, buildName: '8' } })).toBe(hash)
    expect(specHash({ ...spec, privileged: true })).not.toBe(hash)
    expect(specHash({ ...spec, limits: {} })).not.toBe(hash)
    expect(specHash(spec, true)).not.toBe(hash)
    expect(specHash({ ...spec, privileged: true }, true)).toBe(specHash({ ...spec, privileged: true }))
    expect(specHash({ ...spec, image: { ...spec.image, reference: 'other' } as ContainerSpec['image'] })).not.toBe(hash)
  })
})
