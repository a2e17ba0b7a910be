import { expect } from 'vitest'
import { registryImageUserAgent } from '../../services/registry-image-resource.ts'
import type { Place, Ran, RanPod } from './world.ts'

const isServer = (userAgent: string): boolean => userAgent.startsWith('airside')
const isNode = (userAgent: string): boolean => userAgent.includes('containerd')
const isResource = (userAgent: string): boolean => userAgent === registryImageUserAgent

/** The node has pulled it by digest; the server asked what its tag means, read manifest and config once and no layer; no pod fetched it. */
export async function expectPulled(place: Place, name: string, digest: string): Promise<void> {
  const log = await place.log(name)
  const server = log.filter(({ userAgent }) => isServer(userAgent))
  expect(server.filter(({ method }) => method === 'HEAD').length, `${name}: HEADs`).toBeGreaterThan(0)
  const read = server.filter(({ method, kind }) => method === 'GET' && kind !== 'tags').map(({ kind, reference }) => (kind === 'manifest' ? reference : kind))
  expect(read, `${name}: read by the server`).toEqual([digest, 'blob'])
  const node = log.filter(({ userAgent, method }) => isNode(userAgent) && method === 'GET').map(({ kind, reference }) => (kind === 'manifest' ? reference : kind))
  expect(node, `${name}: pulled by the node`).toEqual(expect.arrayContaining([digest, 'blob']))
  expect(log.filter(({ userAgent }) => isResource(userAgent)), `${name}: fetched by pods`).toEqual([])
}

/** A pod has fetched it, each layer once; no node pulls it from where it is, and no layer of it is asked for by the server. */
export async function expectFetched(place: Place, name: string): Promise<void> {
  const log = await place.log(name)
  const blobs = log.filter(({ userAgent, kind }) => isResource(userAgent) && kind === 'blob').map(({ reference }) => reference)
  expect(blobs.length, `${name}: fetched`).toBeGreaterThan(1)
  expect(new Set(blobs).size, `${name}: fetched once`).toBe(blobs.length)
  expect(log.filter(({ userAgent }) => isNode(userAgent)), `${name}: pulled by the node`).toEqual([])
  expect(log.filter(({ userAgent, kind, method }) => isServer(userAgent) && kind === 'blob' && method === 'GET').length, `${name}: read by the server`).toBeLessThanOrEqual(1)
}

/** What a pod runs in, shortly: a repository's name, `base` (the resource that fetches images) or `artifact`. */
export function imageName({ image }: RanPod): string {
  const [, name = image] = /\/([^/:]+):[^/]*$/.exec(image) ?? []
  return { 'registry-image-resource': 'base', 'airside-artifact': 'artifact' }[name] ?? name
}

/** `type step image` of all pods, each once, in alphabetical order. */
export const podLines = ({ pods }: Ran): string[] => [...new Set(pods.map((pod) => `${pod.type} ${pod.step} ${imageName(pod)}`))].toSorted((a, b) => (a < b ? -1 : 1))

/** Every pod asked for tag and digest, ran that digest, and the policy knew of it. */
export function expectPinned({ pods, used }: Ran): void {
  for (const { image, imageId } of pods) {
    const [, digest = ''] = /^[^@]+:[^@/]+@(sha256:[0-9a-f]{64})$/.exec(image) ?? []
    expect(digest, image).not.toBe('')
    if (imageId !== '') expect(imageId).toContain(digest)
    if (!image.includes('/airside-artifact:')) expect(used.map((use) => use.image)).toContain(image)
  }
  expect(pods.some(({ imageId }) => imageId !== '')).toBe(true)
}

/** Events of the check and get of a step's image, without what they print. */
export const imageEvents = ({ lines }: Ran, step: string): string[] =>
  lines.filter((line) => line.split(' ')[1]?.startsWith(`${step}/image-`) || /^image-(check|get) /.test(line) && line.split(' ')[1] === step).filter((line) => !line.startsWith('log '))
