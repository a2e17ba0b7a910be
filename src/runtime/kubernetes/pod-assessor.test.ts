import { describe, expect, it } from 'vitest'
import { PodAssessor, type PodAssessorContext } from './pod-assessor.ts'
import { condition, container, pod, running } from './testing/pods.ts'

const context: PodAssessorContext = {
  supervisorImage: 'r.io/supervisor:1',
  stepImage: 'r.io/step:1',
  imageVolume: true,
  flexible: true,
  guess: false,
  adopting: false,
  secondTry: false,
  pullGraceMs: 60_000,
  tunnelAfterMs: 3_000,
  forced: undefined,
}
const assessor = (changes: Partial<PodAssessorContext> = {}) => new PodAssessor({ ...context, ...changes }, 0)
const pulling = (message: string) => pod({ containerStatuses: [container({ waiting: { reason: 'ErrImagePull', message } })] })
const unschedulable = pod({ conditions: [condition('PodScheduled', 'False', { message: '0/1 nodes are available: 1 Insufficient cpu.' })] })

describe('PodAssessor', () => {
  it('short waits are not reported', () => {
    expect(assessor().assess(pod(), false, [], 100)).toEqual({ kind: 'wait', dial: false, againMs: 1_400 })
    expect(assessor().assess(pod(), false, [], 2_000)).toMatchObject({ kind: 'wait', reason: { kind: 'starting' } })
  })

  it('gives up a lasting pull failure at once, a passing one after its grace', () => {
    expect(assessor().assess(pulling('not found'), false, [], 0)).toEqual({ kind: 'fail', error: { kind: 'image-pull', message: 'not found', image: 'r.io/step:1' } })
    const one = assessor()
    expect(one.assess(pulling('connection refused'), false, [], 1_000)).toMatchObject({ kind: 'wait', reason: { kind: 'pull-error', message: 'connection refused (trying again for up to 60 s)' }, againMs: 60_000 })
    expect(one.assess(pulling('i/o timeout'), false, [], 60_999)).toMatchObject({ kind: 'wait' })
    expect(one.assess(pulling('connection refused'), false, [], 61_000)).toMatchObject({ kind: 'fail', error: { kind: 'image-pull' } })
  })

  it('names both commands when it is the supervisor’s image', () => {
    const verdict = assessor().assess(pulling('"r.io/supervisor:1": not found'), false, [], 0)
    expect(verdict).toMatchObject({ kind: 'fail', error: { image: 'r.io/supervisor:1' } })
    expect(JSON.stringify(verdict)).toMatch(/airside supervisor push REF.*--supervisor-image REF/)
  })

  it('makes a pod again, once, whose sandbox the node could not make', () => {
    const warnings = [{ reason: 'FailedCreatePodSandBox', message: 'failed to create network namespace' }]
    expect(assessor().assess(pod(), false, warnings, 0)).toEqual({ kind: 'again', why: 'lost', message: 'failed to create network namespace' })
    const waits = { kind: 'wait', dial: false, reason: { kind: 'network', message: 'failed to create network namespace' } }
    expect(assessor({ secondTry: true }).assess(pod(), false, warnings, 0)).toEqual(waits)
    expect(assessor({ adopting: true }).assess(pod(), false, warnings, 0)).toEqual(waits)
  })

  it('gives up user namespaces for a node that says it has none, or that fails with them twice', () => {
    const failing = (message: string) => [{ reason: 'FailedCreatePodSandBox', message }]
    const lacks = failing('RuntimeClass handler "" does not support user namespaces')
    const stumbles = failing('failed to unshare user namespace: operation not permitted')
    expect(assessor().assess(pod(), false, lacks, 0)).toMatchObject({ kind: 'again', why: 'no-user-namespaces' })
    expect(assessor().assess(pod(), false, stumbles, 0)).toMatchObject({ kind: 'again', why: 'lost' })
    expect(assessor({ secondTry: true }).assess(pod(), false, stumbles, 0)).toMatchObject({ kind: 'again', why: 'no-user-namespaces' })
  })

  it('drops a guess at its first Unschedulable, and waits for others', () => {
    expect(assessor({ guess: true }).assess(unschedulable, false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'no-room' } })
    expect(assessor().assess(unschedulable, false, [], 0)).toMatchObject({ kind: 'wait', reason: { kind: 'unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' } })
  })

  it('dials a container that runs and does not report in, or at once where the tunnel is the only way', () => {
    const up = pod({ containerStatuses: [running] })
    const one = assessor()
    expect(one.assess(up, false, [], 10)).toMatchObject({ kind: 'wait', dial: false, againMs: 3_000 })
    expect(one.assess(up, false, [], 3_010)).toMatchObject({ kind: 'wait', dial: true })
    expect(assessor({ forced: 'tunnel' }).assess(pod(), false, [], 0)).toMatchObject({ dial: true })
    const home = assessor({ forced: 'home' })
    home.assess(up, false, [], 0)
    expect(home.assess(up, false, [], 9_000)).toMatchObject({ dial: false })
    expect(home.assess(up, false, [], 400_000)).toMatchObject({ kind: 'fail', error: { kind: 'died' } })
  })

  it('tries the helper container where an image volume may be the trouble, and only there', () => {
    const failing = pod({ containerStatuses: [container({ waiting: { reason: 'CreateContainerError', message: 'failed to generate spec' } })] })
    expect(assessor().assess(failing, false, [], 0)).toMatchObject({ kind: 'again', why: 'no-image-volumes' })
    const fixed = assessor({ flexible: false })
    expect(fixed.assess(failing, false, [], 0)).toMatchObject({ kind: 'wait', againMs: 8_000 })
    expect(fixed.assess(failing, false, [], 8_000)).toMatchObject({ kind: 'fail', error: { kind: 'died' } })
  })

  it('starts again what was lost before it did anything, except guesses', () => {
    const evicted = pod({ phase: 'Failed', reason: 'Evicted' })
    expect(assessor().assess(evicted, false, [], 0)).toMatchObject({ kind: 'again', why: 'lost' })
    expect(assessor().assess(pod(), true, [], 0)).toMatchObject({ kind: 'again', why: 'lost' })
    expect(assessor({ guess: true }).assess(evicted, false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'lost', mayStillRun: false } })
  })

  it('never makes anew what an assignment was sent to', () => {
    const adopting = assessor({ adopting: true, flexible: false, imageVolume: false })
    expect(adopting.assess(pod({ containerStatuses: [running] }, { metadata: { deletionTimestamp: 'now' } }), false, [], 0)).toMatchObject({ kind: 'wait' })
    expect(adopting.assess(pod({ phase: 'Failed', reason: 'Evicted' }), false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'lost', mayStillRun: false } })
    expect(adopting.assess(pod({ containerStatuses: [running] }), true, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'lost', mayStillRun: true } })
  })

  it('says when the image is made for another architecture', () => {
    const wrong = pod({ containerStatuses: [container({ terminated: { exitCode: 128, reason: 'StartError', message: 'exec format error' } })] })
    expect(assessor({ flexible: false }).assess(wrong, false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'died', message: expect.stringContaining('architecture') as string } })
  })
})
