import { expect, it } from 'vitest'
import { ok, type Result } from '../../../model/result.ts'
import type { EngineClient } from '../engine/client.ts'
import type { EngineError } from '../engine/errors.ts'
import { countingRemovals } from './podman-service.ts'

it('a service whose containers are being removed is not idle, also where a removal fails', async () => {
  const under = new Map<string, PromiseWithResolvers<Result<void, EngineError>>>()
  const inner = {
    remove(container: string) {
      const removal = Promise.withResolvers<Result<void, EngineError>>()
      under.set(container, removal)
      return removal.promise
    },
  } as unknown as EngineClient
  const { client, removed } = countingRemovals(inner)
  await removed()
  const [one, two] = [client.remove('one'), client.remove('two')]
  let idle = false
  const all = removed().then(() => (idle = true))
  under.get('one')?.resolve(ok(undefined))
  await one
  await new Promise((resolve) => setImmediate(resolve))
  expect(idle).toBe(false)
  under.get('two')?.reject(new Error('cut off'))
  await expect(two).rejects.toThrow('cut off')
  await all
})
