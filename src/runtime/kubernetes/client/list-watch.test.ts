import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Clock } from '../../../lib/clock.ts'
import { startFakeApi, type Fault } from '../testing/fake-api.ts'
import { listWatch } from './list-watch.ts'
import type { Pod } from './objects.ts'
import { createRequests } from './requests.ts'

const path = '/api/v1/namespaces/ci/pods'
/** Back-offs take one turn. */
const hasty: Clock = { now: () => Date.now(), sleep: () => new Promise((resolve) => setImmediate(resolve)) }

type Step = { readonly do: 'put' | 'remove'; readonly name: string } | { readonly do: 'fault'; readonly fault: Fault } | { readonly do: 'rest' }

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('put' as const, 'remove' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      fault: fc.constantFrom<Fault>('end', 'reset', 'half-line', 'garbage', 'gone', 'repeat', 'compact', 'list-500', 'empty'),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ do: 'rest' as const }) },
)

describe('listWatch', () => {
  it('holds what a fresh list says, whatever happened to the watch', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const fake = await startFakeApi()
        let changed = (): void => {}
        const watch = listWatch<Pod>({ requests: createRequests(fake.access), path, query: {}, clock: hasty, onChange: () => changed() })
        try {
          await watch.synced
          for (const one of steps) {
            if (one.do === 'put') fake.put(one.name)
            if (one.do === 'remove') fake.remove(one.name)
            if (one.do === 'fault') fake.fault(one.fault)
            if (one.do === 'rest') await new Promise((resolve) => setTimeout(resolve, 2))
          }
          const last = fake.put('last')
          await new Promise<void>((resolve) => {
            changed = () => watch.store.objects.has(last.metadata.uid) && resolve()
            changed()
          })
          const versions = (objects: Iterable<Pod>) => [...objects].map(({ metadata }) => `${metadata?.name} ${metadata?.uid} ${metadata?.resourceVersion}`).toSorted()
          expect(versions(watch.store.objects.values())).toEqual(versions(fake.objects.values()))
        } finally {
          await watch.stop()
          await fake.stop()
        }
      }),
      { numRuns: 60 },
    )
  })

  it('replaces a watch that is silent', async () => {
    const fake = await startFakeApi()
    const trouble: string[] = []
    const { promise, resolve } = Promise.withResolvers<void>()
    const watch = listWatch<Pod>({
      requests: createRequests(fake.access),
      path,
      query: {},
      clock: hasty,
      silenceMs: 20,
      onChange: () => {},
      onTrouble: (message) => {
        trouble.push(message)
        resolve()
      },
    })
    await promise
    expect(trouble[0]).toBe('the watch was silent for 0.02 s')
    await watch.stop()
    await fake.stop()
  })

  it('says so when the API refuses it for good', async () => {
    const fake = await startFakeApi()
    fake.answer = () => ({ status: 403, body: { kind: 'Status', reason: 'Forbidden', message: 'pods is forbidden' } })
    const watch = listWatch<Pod>({ requests: createRequests(fake.access), path, query: {}, clock: hasty, onChange: () => {} })
    await expect(watch.synced).rejects.toThrow('pods is forbidden')
    await watch.stop()
    await fake.stop()
  })
})
