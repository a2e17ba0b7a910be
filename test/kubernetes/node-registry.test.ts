import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRegistryFront, type RegistryFront } from '../../src/runtime/conformance/registry-front.ts'
import { busyboxImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { registryImageResource } from '../services/registry-image-resource.ts'
import { openAirsidePlace, writeWordPipeline, type AirsidePlace } from './airside-place.ts'
import { watchPods } from './watch-pods.ts'

/** A registry that speaks plain HTTP, which server and pods are told to accept (`insecure`) and the node's containerd is not. */
describe('an image that asks for more than nodes are set up for', () => {
  const prefix = `node-registry-${randomBytes(4).toString('hex')}`
  let place: AirsidePlace
  let plain: RegistryFront
  let file: string

  beforeAll(async () => {
    place = await openAirsidePlace('node-registry', 'privileged')
    const { cluster, folder } = place
    plain = await startRegistryFront({ target: cluster.registry.url, address: cluster.hostAddress })
    await cluster.trust(plain.host, { kind: 'default' })
    await pushImage(cluster.registry, `${prefix}/registry-image-resource`, '1', await registryImageResource())
    await pushImage(cluster.registry, `${prefix}/tools`, '1', await busyboxImage([{ path: 'word', content: `${prefix}\n` }]))
    file = await writeWordPipeline(folder, `{repository: ${plain.host}/${prefix}/tools, tag: 1, insecure: true}`)
  })

  afterAll(async () => {
    await plain.stop()
    await place.close()
  })

  const run = (...more: string[]) => {
    const { host } = place.cluster.registry
    return place.run(file, '--image-registry', `${host}/${prefix}`, '--base-resource-type', `registry-image=${host}/${prefix}/registry-image-resource:1`, ...more).ended
  }

  test('is pulled where nothing is known of nodes, and the failure says what to set on them', async () => {
    const ended = await run()
    expect(ended.status).toBe(2)
    expect(ended.stdout).toContain("the registry speaks plain HTTP and the node insists on TLS: allow it on every node, in containerd's /etc/containerd/certs.d/")
  })

  test('is fetched by a get step where the operator says what nodes can pull, and the log says why', async () => {
    const pods = watchPods(place.cluster, place.namespace)
    const ended = await run('--node-registry', `${place.cluster.registry.host}=insecure`)
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)
    expect(ended.stdout).toMatch(new RegExp(`^${prefix}$`, 'm'))
    expect(ended.stdout).toContain(`is fetched by a get step: its source says \`insecure\`, and nodes are not known to be set up for that with ${plain.host} (--node-registry ${plain.host}=insecure says that they are)`)
    const seen = pods().map(({ type, step, image }) => `${type} ${step} ${image.replace(/:.*/, '')}`)
    expect(pods().some(({ image }) => image.startsWith(plain.host)), seen.join('\n')).toBe(false)
    expect(pods().map(({ type, step }) => `${type} ${step}`)).toEqual(expect.arrayContaining(['get image', 'task say']))
  })
})
