import { expect, test } from 'vitest'
import type { ResourceTypeConfig } from '../../model/config.ts'
import type { Plan } from '../../model/plan.ts'
import { imageForType } from '../../planner/image-plans.ts'
import type { ImageRequest } from '../../steps/ports.ts'
import { imageRequest, imageWay } from './image-way.ts'

const types: readonly ResourceTypeConfig[] = [
  { name: 'own', type: 'registry-image', source: { repository: 'own' }, privileged: true },
  { name: 'deep', type: 'own', source: {} },
  { name: 'registry-image', type: 'deep', source: {} },
]
const ofType = (type: string, known = types.slice(0, 2)): ImageRequest => ({ kind: 'type', image: imageForType('1', type, known, { skipInterval: false }) })
const resource = (type: string, known = types.slice(0, 2)): ImageRequest => ({ kind: 'image-resource', image: { type, source: {} }, types: known, privileged: false, skipInterval: false })

test.each<[string, ImageRequest, string, string]>([
  ['a base type', ofType('git'), 'base-type', 'base-type'],
  ['a type of type registry-image', ofType('own'), 'native', 'get'],
  ['a type of another type of the pipeline', ofType('deep'), 'get', 'get'],
  ['an image_resource of type registry-image', resource('registry-image'), 'native', 'get'],
  ['an image_resource of a base type', resource('docker-image'), 'get', 'get'],
  ['an image_resource of a type of the pipeline', resource('own'), 'get', 'get'],
  ['an image_resource of a type of the pipeline that is named registry-image', resource('registry-image', [...types]), 'get', 'get'],
  ['an artifact', { kind: 'artifact', name: 'a', privileged: false }, 'artifact', 'artifact'],
])('%s: which way its image comes, where the runtime pulls images and where it does not', (_case, request, pulling, otherwise) => {
  expect(imageWay('1', request, true).kind).toBe(pulling)
  expect(imageWay('1', request, false).kind).toBe(otherwise)
})

test('a resource type says itself whether it is privileged, a task for its image', () => {
  expect(imageWay('1', ofType('own'), true).privileged).toBe(true)
  expect(imageWay('1', ofType('git'), true).privileged).toBe(false)
  expect(imageWay('1', { ...resource('registry-image'), privileged: true } as ImageRequest, true).privileged).toBe(true)
})

test("a task's own image goes before its config's, and a config in a file is not known from the plan", () => {
  const task = (more: object): Plan => ({ id: '1', kind: 'task', task: { name: 't', privileged: false, ...more } })
  const config = { image_resource: { type: 'registry-image', source: {} } }
  expect(imageRequest(task({ image: 'a', config }))).toMatchObject({ kind: 'artifact', name: 'a' })
  expect(imageRequest(task({ config }))).toMatchObject({ kind: 'image-resource', image: config.image_resource })
  expect(imageRequest(task({ config_path: 'a/b.yml' }))).toBeUndefined()
  expect(imageRequest({ id: '1', kind: 'do', do: [] })).toBeUndefined()
})
