import { describe, expect, it } from 'vitest'
import { Judge, type JudgeContext } from './judge.ts'
import { condition, container, pod, running } from './testing/pods.ts'

const context: JudgeContext = {
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
const judge = (changes: Partial<JudgeContext> = {}) => new Judge({ ...context, ...changes }, 0)
const pulling = (message: string) => pod({ containerStatuses: [container({ waiting: { reason: 'ErrImagePull', message } })] })
const unschedulable = pod({ conditions: [condition('PodScheduled', 'False', { message: '0/1 nodes are available: 1 Insufficient cpu.' })] })

describe('Judge', () => {
  it('says nothing of what takes a moment', () => {
    expect(judge().judge(pod(), false, [], 100)).toEqual({ kind: 'wait', dial: false, againMs: 1_400 })
    expect(judge().judge(pod(), false, [], 2_000)).toMatchObject({ kind: 'wait', reason: { kind: 'starting' } })
  })

  it('gives up a lasting pull failure at once, a passing one after its grace', () => {
    expect(judge().judge(pulling('not found'), false, [], 0)).toEqual({ kind: 'fail', error: { kind: 'image-pull', message: 'not found', image: 'r.io/step:1' } })
    const one = judge()
    expect(one.judge(pulling('connection refused'), false, [], 1_000)).toMatchObject({ kind: 'wait', reason: { kind: 'pull-error', message: 'connection refused (trying again for up to 60 s)' }, againMs: 60_000 })
    expect(one.judge(pulling('i/o timeout'), false, [], 60_999)).toMatchObject({ kind: 'wait' })
    expect(one.judge(pulling('connection refused'), false, [], 61_000)).toMatchObject({ kind: 'fail', error: { kind: 'image-pull' } })
  })

  it('names both commands when it is the supervisor’s image', () => {
    const verdict = judge().judge(pulling('"r.io/supervisor:1": not found'), false, [], 0)
    expect(verdict).toMatchObject({ kind: 'fail', error: { image: 'r.io/supervisor:1' } })
    expect(JSON.stringify(verdict)).toMatch(/airside supervisor push REF.*--supervisor-image REF/)
  })

  it('makes a pod again, once, whose sandbox the node could not make', () => {
    const warnings = [{ reason: 'FailedCreatePodSandBox', message: 'failed to create network namespace' }]
    expect(judge().judge(pod(), false, warnings, 0)).toEqual({ kind: 'again', why: 'lost', message: 'failed to create network namespace' })
    const waits = { kind: 'wait', dial: false, reason: { kind: 'network', message: 'failed to create network namespace' } }
    expect(judge({ secondTry: true }).judge(pod(), false, warnings, 0)).toEqual(waits)
    expect(judge({ adopting: true }).judge(pod(), false, warnings, 0)).toEqual(waits)
  })

  it('gives up user namespaces for a node that says it has none, or that fails with them twice', () => {
    const failing = (message: string) => [{ reason: 'FailedCreatePodSandBox', message }]
    const lacks = failing('RuntimeClass handler "" does not support user namespaces')
    const stumbles = failing('failed to unshare user namespace: operation not permitted')
    expect(judge().judge(pod(), false, lacks, 0)).toMatchObject({ kind: 'again', why: 'no-user-namespaces' })
    expect(judge().judge(pod(), false, stumbles, 0)).toMatchObject({ kind: 'again', why: 'lost' })
    expect(judge({ secondTry: true }).judge(pod(), false, stumbles, 0)).toMatchObject({ kind: 'again', why: 'no-user-namespaces' })
  })

  it('drops a guess at its first Unschedulable, and waits for others', () => {
    expect(judge({ guess: true }).judge(unschedulable, false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'no-room' } })
    expect(judge().judge(unschedulable, false, [], 0)).toMatchObject({ kind: 'wait', reason: { kind: 'unschedulable', message: '0/1 nodes are available: 1 Insufficient cpu.' } })
  })

  it('dials a container that runs and does not report in, or at once where the tunnel is the only way', () => {
    const up = pod({ containerStatuses: [running] })
    const one = judge()
    expect(one.judge(up, false, [], 10)).toMatchObject({ kind: 'wait', dial: false, againMs: 3_000 })
    expect(one.judge(up, false, [], 3_010)).toMatchObject({ kind: 'wait', dial: true })
    expect(judge({ forced: 'tunnel' }).judge(pod(), false, [], 0)).toMatchObject({ dial: true })
    const home = judge({ forced: 'home' })
    home.judge(up, false, [], 0)
    expect(home.judge(up, false, [], 9_000)).toMatchObject({ dial: false })
    expect(home.judge(up, false, [], 400_000)).toMatchObject({ kind: 'fail', error: { kind: 'died' } })
  })

  it('tries the helper container where an image volume may be the trouble, and only there', () => {
    const failing = pod({ containerStatuses: [container({ waiting: { reason: 'CreateContainerError', message: 'failed to generate spec' } })] })
    expect(judge().judge(failing, false, [], 0)).toMatchObject({ kind: 'again', why: 'no-image-volumes' })
    const fixed = judge({ flexible: false })
    expect(fixed.judge(failing, false, [], 0)).toMatchObject({ kind: 'wait', againMs: 8_000 })
    expect(fixed.judge(failing, false, [], 8_000)).toMatchObject({ kind: 'fail', error: { kind: 'died' } })
  })

  it('starts again what was lost before it did anything, except guesses', () => {
    const evicted = pod({ phase: 'Failed', reason: 'Evicted' })
    expect(judge().judge(evicted, false, [], 0)).toMatchObject({ kind: 'again', why: 'lost' })
    expect(judge().judge(pod(), true, [], 0)).toMatchObject({ kind: 'again', why: 'lost' })
    expect(judge({ guess: true }).judge(evicted, false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'lost', mayStillRun: false } })
  })

  it('never makes anew what an assignment was sent to', () => {
    const adopting = judge({ adopting: true, flexible: false, imageVolume: false })
    expect(adopting.judge(pod({ containerStatuses: [running] }, { metadata: { deletionTimestamp: 'now' } }), false, [], 0)).toMatchObject({ kind: 'wait' })
    expect(adopting.judge(pod({ phase: 'Failed', reason: 'Evicted' }), false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'lost', mayStillRun: false } })
    expect(adopting.judge(pod({ containerStatuses: [running] }), true, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'lost', mayStillRun: true } })
  })

  it('says when the image is made for another architecture', () => {
    const wrong = pod({ containerStatuses: [container({ terminated: { exitCode: 128, reason: 'StartError', message: 'exec format error' } })] })
    expect(judge({ flexible: false }).judge(wrong, false, [], 0)).toMatchObject({ kind: 'fail', error: { kind: 'died', message: expect.stringContaining('architecture') as string } })
  })
})
