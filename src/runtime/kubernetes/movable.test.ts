import { expect, it } from 'vitest'
import { sandboxWorld } from './testing/sandbox-world.ts'

const { world, label, prepare, step, until } = sandboxWorld()

it('a pod that is kept for intercept may be moved by an autoscaler, which the pod of a step may not', async () => {
  const spec = step({ privileged: true })
  const prepared = await prepare(spec)
  if (!prepared.ok) throw new Error('prepared')
  const name = [...world.api.objects.keys()].find((pod) => label(pod, 'container') === spec.handle) ?? ''
  const movable = () => (world.api.objects.get(name)?.metadata['annotations'] as Record<string, string>)['cluster-autoscaler.kubernetes.io/safe-to-evict']
  expect(movable()).toBe('false')
  await prepared.value.release({ keep: { seconds: 60 } })
  await until(() => movable() === 'true')
})
