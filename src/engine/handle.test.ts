import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { ContainerSpec } from '../runtime/contract.ts'
import { containerHandle } from './handle.ts'

type Wanted = Omit<ContainerSpec, 'handle' | 'guess'>

const base: Wanted = {
  type: 'task',
  image: { kind: 'registry', reference: 'r/i:t@sha256:aa', host: 'r' },
  architectures: ['amd64'],
  privileged: false,
  limits: {},
  metadata: { team: 'main', pipeline: 'p', job: 'j', buildId: 7, buildName: '3', planId: 'a1', stepName: 'unit' },
}

test('S7: whatever people call things, a container’s name is a DNS label that names them', () => {
  expect(containerHandle('i', base, 1)).toMatch(/^p-j-b7-task-[0-9a-f]{8}$/)
  const { pipeline: _, job: __, ...oneOff } = base.metadata
  expect(containerHandle('i', { ...base, metadata: oneOff }, 1)).toMatch(/^run-b7-task-/)
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ maxLength: 80 }), fc.maxSafeNat(), (pipeline, job, buildId) => {
      const handle = containerHandle('i', { ...base, metadata: { ...base.metadata, pipeline, job, buildId } }, 1)
      expect(handle).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)
    }),
  )
})

test('the same container has the same name, another one another', () => {
  const metadata = base.metadata
  const others: [string, string][] = [
    ['base', containerHandle('i', base, 1)],
    ['installation', containerHandle('j', base, 1)],
    ['incarnation', containerHandle('i', base, 2)],
    ['build', containerHandle('i', { ...base, metadata: { ...metadata, buildId: 8 } }, 1)],
    ['plan id', containerHandle('i', { ...base, metadata: { ...metadata, planId: 'a2' } }, 1)],
    ['type', containerHandle('i', { ...base, type: 'put' }, 1)],
    ['digest', containerHandle('i', { ...base, image: { kind: 'registry', reference: 'r/i:t@sha256:bb', host: 'r' } }, 1)],
    ['host', containerHandle('i', { ...base, image: { kind: 'registry', reference: 'r/i:t@sha256:aa', host: 's' } }, 1)],
    ['artifact', containerHandle('i', { ...base, image: { kind: 'artifact', name: 'r/i:t@sha256:aa', artifact: { digest: 'sha256:aa', size: 1 } } }, 1)],
    ['privileged', containerHandle('i', { ...base, privileged: true }, 1)],
    ['cpu', containerHandle('i', { ...base, limits: { cpu: 1 } }, 1)],
    ['hermetic', containerHandle('i', { ...base, hermetic: true }, 1)],
    ['tags', containerHandle('i', { ...base, tags: ['gpu'] }, 1)],
    ['memory', containerHandle('i', { ...base, limits: { memory: 1 } }, 1)],
  ]
  expect(new Set(others.map(([, handle]) => handle)).size).toBe(others.length)
  expect(containerHandle('i', structuredClone(base), 1)).toBe(containerHandle('i', base, 1))
  const withCredentials = { ...base, image: { ...base.image, credentials: { username: 'u', password: 'p' } } } as Wanted
  expect(containerHandle('i', withCredentials, 1)).toBe(containerHandle('i', base, 1))
})
