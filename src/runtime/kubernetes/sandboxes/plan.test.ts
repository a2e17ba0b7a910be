import { describe, expect, test } from 'vitest'
import { someSpec } from '../testing/specs.ts'
import { fits, fitting, kindFor, type SandboxKind } from './kind.ts'
import { needMs, planSandboxes } from './plan.ts'

const plain: SandboxKind = { pullPolicy: 'IfNotPresent', architectures: [] }
const asked: SandboxKind = { pullPolicy: 'Always', architectures: [] }
const on = (...architectures: string[]): SandboxKind => ({ pullPolicy: 'IfNotPresent', architectures })
const one = (name: string, kind = plain) => ({ name, kind })
const need = (at: number, kind = plain) => ({ kind, at })

describe('the kind of sandbox that a step could use', () => {
  test('is the same for a guess, which has little time behind a short step', () => {
    expect(kindFor(someSpec({ guess: true }))).toEqual(kindFor(someSpec()))
  })

  test('is none for a privileged, hermetic or tagged step, and one whose image is an artifact', () => {
    expect(kindFor(someSpec({ privileged: true }))).toBeUndefined()
    expect(kindFor(someSpec({ hermetic: true }))).toBeUndefined()
    expect(kindFor(someSpec({ tags: ['gpu'] }))).toBeUndefined()
    expect(kindFor(someSpec({ image: { kind: 'artifact', name: 'i', artifact: { digest: 'sha256:1', size: 1 } } }))).toBeUndefined()
  })

  test('asks the registry where the image has credentials or no digest', () => {
    expect(kindFor(someSpec())).toEqual({ pullPolicy: 'IfNotPresent', architectures: ['amd64', 'arm64'] })
    expect(kindFor(someSpec({ image: { kind: 'registry', reference: 'r.io/a:1', host: 'r.io' }, architectures: ['arm64', 'amd64'] }))).toEqual({ pullPolicy: 'Always', architectures: ['amd64', 'arm64'] })
    const { image } = someSpec()
    expect(kindFor(someSpec({ image: { ...image, credentials: { username: 'u', password: 'p' } } as typeof image }))?.pullPolicy).toBe('Always')
  })
})

test('a sandbox fits where its pull policy is the same and each of its architectures will do', () => {
  expect(fits(plain, asked)).toBe(false)
  expect(fits(on('amd64'), on('amd64', 'arm64'))).toBe(true)
  expect(fits(on('amd64', 'arm64'), on('amd64'))).toBe(false)
  expect(fits(plain, on('amd64'))).toBe(false)
  expect(fits(on('amd64'), plain)).toBe(true)
})

describe('resources', () => {
  const settings = { requests: { cpu: 0.05, memory: 64 * 1024 * 1024 }, cpuLimit: false }
  test('are the same without limits, and resized for a limit that asks the node for no more', () => {
    expect(fitting({ limits: {} }, settings)).toEqual({ kind: 'same' })
    expect(fitting({ limits: { memory: 256 * 1024 * 1024 } }, settings)).toEqual({
      kind: 'resize', resources: { requests: { cpu: '50m', memory: String(96 * 1024 * 1024) }, limits: { memory: String(256 * 1024 * 1024) } },
    })
  })
  test('are too large where the node would have to give more', () => {
    expect(fitting({ limits: { cpu: 52 } }, settings)).toEqual({ kind: 'too-large' })
    expect(fitting({ limits: { cpu: 51 } }, settings)).toEqual({ kind: 'same' })
    expect(fitting({ limits: { cpu: 20 } }, settings).kind).toBe('resize')
  })
})

describe('how many wait', () => {
  test('none before a step needed one, and as many as steps did, up to the limit', () => {
    expect(planSandboxes({ needs: [], waiting: [], limit: 2, now: 0 })).toEqual({ make: [], remove: [] })
    expect(planSandboxes({ needs: [need(0)], waiting: [], limit: 2, now: 1 })).toEqual({ make: [plain], remove: [] })
    expect(planSandboxes({ needs: [need(0), need(0), need(0)], waiting: [one('a')], limit: 2, now: 1 })).toEqual({ make: [plain], remove: [] })
  })

  test('none any more after ten idle minutes', () => {
    const at = { needs: [need(0)], waiting: [one('a'), one('b')], limit: 2 }
    expect(planSandboxes({ ...at, now: needMs - 1 }).remove).toEqual([])
    expect(planSandboxes({ ...at, now: needMs })).toEqual({ make: [], remove: ['a', 'b'] })
  })

  test('one that no step lately could have used is removed only for another’s place', () => {
    const waiting = [one('old', asked), one('a')]
    expect(planSandboxes({ needs: [need(0)], waiting, limit: 2, now: 1 })).toEqual({ make: [], remove: [] })
    expect(planSandboxes({ needs: [need(0), need(0)], waiting, limit: 2, now: 1 })).toEqual({ make: [plain], remove: ['old'] })
    expect(planSandboxes({ needs: [need(0), need(0)], waiting, limit: 3, now: 1 })).toEqual({ make: [plain], remove: [] })
  })

  test('the latest needs count where the limit is smaller', () => {
    expect(planSandboxes({ needs: [need(0, asked), need(1), need(2)], waiting: [], limit: 1, now: 3 })).toEqual({ make: [plain], remove: [] })
  })
})
