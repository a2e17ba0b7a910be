import { describe, expect, it } from 'vitest'
import { describePod, labelValue, podLabels, podName } from './names.ts'
import { someSpec } from './testing/specs.ts'

describe('podName', () => {
  it.each([
    ['a task', someSpec(), /^shop-unit-tests-b7-task-[0-9a-f]{8}$/],
    ['a check', someSpec({ type: 'check', metadata: { ...someSpec().metadata, stepName: 'repo.git' } }), /^chk-repo-git-[0-9a-f]{8}$/],
    ['names beyond letters', someSpec({ metadata: { ...someSpec().metadata, pipeline: 'Größe', job: '日本' } }), /^gro-e-b7-task-[0-9a-f]{8}$/],
    ['a run without a pipeline', someSpec({ metadata: { team: 't', buildId: 1, buildName: '1', planId: 'x', stepName: 's' } }), /^b1-task-[0-9a-f]{8}$/],
  ])('%s', (_name, spec, expected) => {
    expect(podName(spec, 'demo')).toMatch(expected)
  })

  it('is the handle where that can be read already', () => {
    expect(podName(someSpec({ handle: 'shop-unit-tests-b7-task-0a1b2c3d' }), 'demo')).toBe('shop-unit-tests-b7-task-0a1b2c3d')
  })

  it('differs by installation and handle, and stays the same', () => {
    expect(podName(someSpec(), 'one')).not.toBe(podName(someSpec(), 'two'))
    expect(podName(someSpec({ handle: 'x-1' }), 'one')).not.toBe(podName(someSpec(), 'one'))
    expect(podName(someSpec(), 'one')).toBe(podName(someSpec(), 'one'))
  })
})

it.each([
  ['main', 'main'],
  ['a b/c', 'a_b_c'],
  ['-._x_.-', 'x'],
  ['日本', ''],
  ['x'.repeat(90), 'x'.repeat(63)],
])('labelValue %s', (text, expected) => {
  expect(labelValue(text)).toBe(expected)
})

describe('describePod', () => {
  const spec = someSpec({ guess: true })
  it('reads back what a pod says of itself', () => {
    const pod = { metadata: { labels: podLabels(spec, 'demo'), annotations: { 'airside.dev/metadata': JSON.stringify(spec.metadata) } } }
    expect(describePod(pod)).toEqual({ handle: spec.handle, type: 'task', guess: true, metadata: spec.metadata })
  })
  it('makes do with labels when someone broke the annotation', () => {
    const pod = { metadata: { labels: podLabels(spec, 'demo'), annotations: { 'airside.dev/metadata': '{' } } }
    expect(describePod(pod)).toMatchObject({ handle: spec.handle, metadata: { team: 'main', stepName: 'run' } })
  })
  it('knows none of others’ pods', () => {
    expect(describePod({ metadata: {} })).toBeUndefined()
  })
})
