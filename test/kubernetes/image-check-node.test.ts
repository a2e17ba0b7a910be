import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { startRegistry, type Registry } from '../services/registry.ts'
import { openAirsidePlace, writeWordPipeline, type AirsidePlace } from './airside-place.ts'
import { watchPods } from './watch-pods.ts'

/** A registry by a name that the node alone knows. */
describe('images of a registry that only nodes can reach', () => {
  const host = `nodes-only-${randomBytes(4).toString('hex')}.test`
  let place: AirsidePlace
  let registry: Registry
  let file: string

  beforeAll(async () => {
    place = await openAirsidePlace('nodes-only', 'baseline')
    registry = await startRegistry()
    await place.cluster.trust(host, { kind: 'http', at: registry.host })
    file = await writeWordPipeline(place.folder, `{repository: ${host}/tools, tag: 1.2}`)
  })

  afterAll(async () => {
    await place.close()
    await registry.stop()
  })

  const run = (...more: string[]) => place.run(file, ...more).ended
  const image = (word: string) => busyboxImage([{ path: 'word', content: `${word} ${randomBytes(8).toString('hex')}\n` }])

  test('are an error that says so, and no pod is made', async () => {
    const pods = watchPods(place.cluster, place.namespace)
    const ended = await run()
    expect(ended.status).toBe(2)
    expect(ended.stdout).toContain(`registry cannot be reached: ${host}/tools:1.2: ${host}: its name is not known`)
    expect(pods()).toEqual([])
  })

  test('are pulled by their tag with --image-check=node: each build finds what it means then', async () => {
    for (const word of ['first', 'second']) {
      const pushed = await pushImage(registry, 'tools', '1.2', await image(word))
      const pods = watchPods(place.cluster, place.namespace)
      const ended = await run('--image-check', 'node')
      expect(ended.status, ended.stdout + ended.stderr).toBe(0)
      expect(ended.stdout).toMatch(new RegExp(`^${word} `, 'm'))
      expect(ended.stdout).toContain(`the node pulls ${host}/tools:1.2 by itself`)
      expect(ended.stdout).toContain(`the node found ${host}/tools:1.2 to be ${pushed.digest}`)
      expect(pods().map(({ step, image: asked }) => `${step} ${asked}`)).toEqual([`say ${host}/tools:1.2`])
    }
    const agents = (await registry.accessLog()).map(({ userAgent }) => userAgent)
    expect(agents.some((agent) => agent.includes('containerd'))).toBe(true)
    expect(agents.filter((agent) => agent.startsWith('airside') && !agent.startsWith('airside-test'))).toEqual([])
  })
})
