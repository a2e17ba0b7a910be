import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { busyboxImage } from '../services/images.ts'
import { until } from '../services/wait.ts'
import { podLines } from './images/wire.ts'
import { imageWorld, wordImage, type ImageWorld } from './images/world.ts'
import { resourceFiles } from './resource-files.ts'

let world: ImageWorld
beforeAll(async () => {
  world = await imageWorld(['native'])
})
afterAll(() => world.stop(), 120_000)

const pods = () => world.watches.pods.objects().filter(({ gone }) => !gone)
const labelled = (step: string) => pods().find(({ last }) => last.metadata.labels?.['airside.dev/step'] === step)

/** At most so many pods from now on. Its numbers are counted a moment later: until then admission refuses in other words. */
async function allow(count: number): Promise<void> {
  const { cluster, namespace } = world
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'room', namespace: namespace.name }, spec: { hard: { pods: String(count) } } }
  await cluster.kubectl(['apply', '-f', '-'], { input: JSON.stringify(quota) })
  await cluster.kubectl(['wait', '-n', namespace.name, 'resourcequota/room', `--for=jsonpath={.status.hard.pods}=${count}`, '--timeout=300s'])
}
afterEach(async () => {
  await world.cluster.kubectl(['delete', 'resourcequota', 'room', '-n', world.namespace.name, '--ignore-not-found'])
  world.app('native').services.checkContainers?.releaseIdle()
  await until('all pods to go', () => Promise.resolve(pods().length === 0))
})

test('a quota of one pod: a container that waits for another check makes room for each step', async () => {
  await allow(1)
  const place = world.place('one', 'native')
  await place.push('custom', await busyboxImage(resourceFiles()))
  await place.push('tools', await wordImage('tools'))
  const ran = await place.run(`
resource_types: [{name: custom, type: registry-image, source: {repository: ${place.at}/custom, insecure: true}}]
resources: [{name: code, type: custom, source: {}}]
jobs:
- name: job
  plan:
  - get: code
  - {task: read, config: {platform: linux, image_resource: {type: registry-image, source: {repository: ${place.at}/tools, insecure: true}}, inputs: [{name: code}], run: {path: cat, args: [code/file]}}}
`)
  expect(ran.status, ran.text).toBe('succeeded')
  expect(ran.text).toContain('exceeded quota: room')
  expect(podLines(ran)).toEqual(['check code custom', 'get code custom', 'task read tools'])
})

test('a quota of two pods: what one build has prepared ahead makes room for another build’s step, and is made again in its turn', async () => {
  await allow(2)
  const place = world.place('two', 'native')
  await place.push('tools', await wordImage('tools'))
  const task = (name: string, script: string) =>
    `{task: ${name}, config: {platform: linux, image_resource: {type: registry-image, source: {repository: ${place.at}/tools, insecure: true}}, run: {path: sh, args: [-ec, '${script}']}}}`
  const job = (...tasks: string[]) => `{jobs: [{name: job, plan: [${tasks.join(', ')}]}]}`
  const first = place.run(job(task('held', 'until test -e /tmp/go; do sleep 0.1; done'), task('next', 'echo next ran')))
  await until('a container that is prepared ahead', () => Promise.resolve(labelled('held') !== undefined && labelled('next') !== undefined))
  const held = labelled('held')?.last.metadata.name ?? ''

  const second = await place.run(job(task('other', 'echo other ran')))
  expect(second.status, second.text).toBe('succeeded')
  expect(second.text).toContain('exceeded quota: room')
  expect(labelled('held')?.last.metadata.name).toBe(held)

  await world.cluster.kubectl(['exec', '-n', world.namespace.name, held, '-c', 'step', '--', 'touch', '/tmp/go'])
  const ran = await first
  expect(ran.status, ran.text).toBe('succeeded')
  expect(ran.text).toMatch(/^next ran\r?$/m)
  expect(ran.pods.map(({ step }) => step).toSorted()).toEqual(['held', 'next', 'next'])
})
