import { expect, test } from 'vitest'
import { ListedConfigs } from './listed-configs.ts'

const resources = [{ name: 'r', type: 'mock', source: {}, icon: 'git' }, { name: 's', type: 'mock', source: {} }] as const
const config = {
  groups: [{ name: 'g', jobs: ['j'] }, { name: 'h', resources: ['r'] }],
  resources,
  jobs: [{ name: 'j', disable_reruns: true, plan: [{ kind: 'try' as const, try: { kind: 'get' as const, get: 'in', resource: 'r', passed: ['i'] } }, { kind: 'put' as const, put: 's' }] }],
  user_data: { owner: 'x' },
}

test('what lists show of a config is made once a version, though the config is not kept', async () => {
  let reads = 0
  const listed = new ListedConfigs({ of: () => ((reads += 1), Promise.resolve(config as never)) })
  const pipeline = { id: 1, configVersion: 3 }
  expect(await listed.of(pipeline)).toEqual({
    groups: config.groups,
    icons: [{ resource: 'r', icon: 'git' }],
    user_data: { owner: 'x' },
    jobs: [{ name: 'j', disable_reruns: true, groups: ['g'], inputs: [{ name: 'in', resource: 'r', trigger: false, passed: ['i'] }], outputs: [{ name: 's', resource: 's' }] }],
  })
  await listed.of(pipeline)
  expect(reads).toBe(1)
  await listed.of({ id: 1, configVersion: 4 })
  expect(reads).toBe(2)
  expect(await listed.of({ id: 1 })).toBeUndefined()
})

test('what lists show of configs is kept up to its bound of bytes', async () => {
  let reads = 0
  const listed = new ListedConfigs({ of: () => ((reads += 1), Promise.resolve(config as never)) }, 2_000)
  for (let id = 0; id < 10; id += 1) await listed.of({ id, configVersion: 1 })
  await listed.of({ id: 9, configVersion: 1 })
  expect(reads).toBe(10)
  await listed.of({ id: 0, configVersion: 1 })
  expect(reads).toBe(11)
})
