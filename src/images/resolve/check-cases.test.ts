import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { JsonObject } from '../../model/json.ts'
import { digestOf } from '../registry/digest-cache.ts'
import { mediaTypes } from '../registry/media-types.ts'
import { RegistryClient } from '../registry/registry-client.ts'
import { answer, startFaultProxy, type FaultProxy } from '../testing/fault-proxy.ts'
import { describeImageError } from './image-error.ts'
import { ImageResolver } from './image-resolver.ts'

interface Case {
  readonly name: string
  readonly registry: readonly string[]
  /** Images that are there without a tag. */
  readonly also?: readonly string[]
  readonly made?: Readonly<Record<string, string>>
  readonly source: JsonObject
  readonly from?: string
  readonly versions: readonly string[]
}

const cases = parse(readFileSync(new URL('fixtures/check-cases.yml', import.meta.url), 'utf8')) as Case[]

let registry: FaultProxy
let client: RegistryClient
beforeAll(async () => {
  registry = await startFaultProxy()
  client = new RegistryClient()
})
afterAll(async () => {
  await client.close()
  await registry.stop()
})

const split = (pair: string): [tag: string, image: string] => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]

/** A registry with these tags alone, in this order. */
function serve({ registry: tags, also = [], made = {} }: Case, repository: string): (image: string) => string {
  const documents = new Map<string, string>()
  const add = (text: string): string => {
    documents.set(digestOf(text), text)
    return digestOf(text)
  }
  const imageOf = (image: string): string => {
    const config = JSON.stringify({ os: 'linux', architecture: 'amd64', image, ...(made[image] !== undefined && { created: made[image] }) })
    return JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociManifest, config: { mediaType: mediaTypes.ociConfig, digest: add(config), size: config.length }, layers: [] })
  }
  const named = new Map(tags.map(split).map(([tag, image]) => [tag, add(imageOf(image))]))
  for (const image of also) add(imageOf(image))
  registry.fault = (request, response) => {
    const [path = '', kind = '', reference = ''] = new RegExp(`^/v2/${repository}/(manifests|blobs|tags)/([^?]*)`).exec(request.url ?? '') ?? []
    if (path === '') return answer(response, 404)
    if (kind === 'tags') return answer(response, 200, {}, JSON.stringify({ name: repository, tags: tags.length === 0 ? null : [...named.keys()] }))
    const digest = named.get(reference) ?? reference
    const text = documents.get(digest)
    return text === undefined ? answer(response, 404) : answer(response, 200, { 'docker-content-digest': digest }, request.method === 'HEAD' ? '' : text)
  }
  return (image) => digestOf(imageOf(image))
}

describe('what a check gives', () => {
  it.each(cases.map((one, index) => ({ ...one, index })))('$name', async (one) => {
    const repository = `case${one.index}`
    const digest = serve(one, repository)
    const version = (pair: string) => ({ tag: split(pair)[0], digest: digest(split(pair)[1]) })
    const source = { repository: `${registry.host}/${repository}`, ...one.source }
    const resolver = new ImageResolver(client)
    const checked = await resolver.check({ source, ...(one.from !== undefined && { from: version(one.from) }) })
    expect(checked.ok ? checked.value.versions : describeImageError(checked.error)).toEqual(one.versions.map(version))

    if (one.from !== undefined) return
    // What a step runs that has no check is the last of them.
    const resolved = await resolver.resolve({ source })
    const last = one.versions.at(-1)
    if (last === undefined) expect(resolved).toMatchObject({ ok: false })
    else expect(resolved.ok ? resolved.value.version : describeImageError(resolved.error)).toEqual(version(last))
  })
})
