import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parseNodeRegistry } from '../images/reference/node-registries.ts'
import { startRegistry, type RunningRegistry } from '../images/server/start-registry.ts'
import { answer, basicAuthFault, startFaultProxy, type FaultProxy } from '../images/testing/fault-proxy.ts'
import { pushSample } from '../images/testing/sample-image.ts'
import { systemClock, type Clock } from '../lib/clock.ts'
import { silentLog } from '../lib/log.ts'
import { openImages, type AppImages } from './open-images.ts'
import { plainImages, type ImageOptions } from './options.ts'

const { signal } = new AbortController()
const pinned = `sha256:${'9'.repeat(64)}`

let dir: string
let registry: RunningRegistry
let proxy: FaultProxy
let digest: string
let time: number
const opened: AppImages[] = []
/** Waiting takes no time. */
const clock: Clock = { ...systemClock, now: () => time, sleep: (ms) => Promise.resolve(void (time += ms)) }

beforeEach(async () => {
  time = Date.now()
  dir = await mkdtemp(join(tmpdir(), 'airside-images-'))
  registry = await startRegistry({ dir: join(dir, 'registry') })
  digest = await pushSample({ registry: registry.host, repository: 'app' }, '1')
  proxy = await startFaultProxy(registry.host)
})
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close()
  await proxy.stop()
  await registry.stop()
  await rm(dir, { recursive: true })
})

const images = (options: Partial<ImageOptions> = {}) => {
  const made = openImages({ ...plainImages, ...options }, { cache: join(dir, 'cache'), clock, log: silentLog })
  opened.push(made)
  return made.resolver
}
const source = (more: object = {}) => ({ repository: `${proxy.host}/app`, tag: '1', ...more })
const nodes = (text: string) => {
  const parsed = parseNodeRegistry(text)
  if (!parsed.ok) throw new Error(parsed.error)
  return [parsed.value]
}

describe('a registry that this server can reach', () => {
  it.each(['server', 'node'] as const)('is asked, whoever finds out otherwise (%s)', async (check) => {
    const resolver = images({ check })
    expect(await resolver.check(source(), { image: true }, signal)).toEqual({ ok: true, value: [{ tag: '1', digest }] })
    expect(await resolver.image({ source: source() }, signal)).toMatchObject({ ok: true, value: { source: { reference: `${proxy.host}/app:1@${digest}` }, how: 'tag' } })
    expect(await resolver.check(source({ tag: 'no' }), { image: true }, signal)).toEqual({ ok: false, error: expect.stringContaining('image not found') as string })
  })

  it('decides with what nodes are set up for', async () => {
    const insecure = { source: source({ insecure: true }) }
    expect(await images().image(insecure, signal)).not.toHaveProperty('value.physical')
    expect(await images({ nodeRegistries: nodes(`${proxy.host}=insecure`) }).image(insecure, signal)).not.toHaveProperty('value.physical')
    expect(await images({ nodeRegistries: nodes('other.example') }).image({ source: source() }, signal)).not.toHaveProperty('value.physical')
    expect(await images({ nodeRegistries: nodes('other.example') }).image(insecure, signal)).toMatchObject({
      value: { physical: expect.stringContaining(`image ${proxy.host}/app:1@${digest} is fetched by a get step: its source says \`insecure\``) as string },
    })
  })
})

it('a registry that fails for a while is waited for, and each wait is told of', async () => {
  let failures = 2
  proxy.fault = (_request, response) => failures-- > 0 && answer(response, 503)
  const lines: string[] = []
  expect(await images().check(source(), { image: true, onWait: (line) => lines.push(line) }, signal)).toMatchObject({ ok: true })
  expect(lines).toEqual([
    expect.stringMatching(/^registry failed: .*\/app:1: .*\(HTTP 503\); trying again in .* s \(after 1 try\)$/) as string,
    expect.stringMatching(/\(after 2 tries\)$/) as string,
  ])
})

describe('a registry that lets only nodes in', () => {
  beforeEach(() => {
    proxy.fault = basicAuthFault('node', 'pw')
  })
  const denied = { ok: false, error: expect.stringContaining('registry denied access') as string }

  it('is left to the node where it has credentials of its own', async () => {
    const resolver = images({ check: 'node', nodeRegistries: nodes(`${proxy.host}=credentials`) })
    expect(await resolver.check(source(), { image: true }, signal)).toEqual({ ok: true, value: [] })
    expect(await resolver.image({ source: source() }, signal)).toMatchObject({ ok: true, value: { source: { reference: `${proxy.host}/app:1` }, how: 'node' } })
  })

  it('is an error otherwise, and where the source’s own credentials do not open it', async () => {
    const own = source({ username: 'me', password: 'wrong' })
    expect(await images({ check: 'node', nodeRegistries: nodes(`${proxy.host}=credentials`) }).image({ source: own }, signal)).toEqual(denied)
    expect(await images({ check: 'node', nodeRegistries: nodes(proxy.host) }).image({ source: source() }, signal)).toEqual(denied)
    expect(await images({ nodeRegistries: nodes(`${proxy.host}=credentials`) }).image({ source: source() }, signal)).toEqual(denied)
  })

  it('opened by this server’s credentials: they are not sent along where nodes have their own', async () => {
    const config = join(dir, 'config.json')
    await writeFile(config, JSON.stringify({ auths: { [proxy.host]: { username: 'node', password: 'pw' } } }))
    vi.stubEnv('DOCKER_CONFIG', dir)
    expect(await images().image({ source: source() }, signal)).toMatchObject({ ok: true, value: { source: { credentials: { username: 'node' } } } })
    expect(await images({ nodeRegistries: nodes(`${proxy.host}=credentials`) }).image({ source: source() }, signal)).not.toHaveProperty('value.source.credentials')
    vi.unstubAllEnvs()
  })
})

describe('a registry that this server cannot reach', () => {
  beforeEach(() => proxy.stop())

  it('is an error, which says why', async () => {
    const error = `registry cannot be reached: ${proxy.host}/app:1: ${proxy.host}: connection refused`
    expect(await images().check(source(), { image: true }, signal)).toEqual({ ok: false, error })
    expect(await images().image({ source: source() }, signal)).toEqual({ ok: false, error })
  })

  it('is left to the node: its tag is pulled, and the log says why', async () => {
    const resolver = images({ check: 'node' })
    expect(await resolver.check(source(), { image: true }, signal)).toEqual({ ok: true, value: [] })
    const started = time
    expect(await resolver.image({ source: source({ username: 'u', password: 'p' }) }, signal)).toMatchObject({
      ok: true,
      value: {
        source: { kind: 'registry', reference: `${proxy.host}/app:1`, host: proxy.host, credentials: { username: 'u', password: 'p' } },
        how: 'node',
        tag: '1',
        note: expect.stringMatching(/^registry cannot be reached: .*connection refused; the node pulls /) as string,
      },
    })
    // It was found out before: nobody waits for it again.
    expect(time).toBe(started)
  })

  it('is asked again after a while', async () => {
    const resolver = images({ check: 'node' })
    await resolver.check(source(), { image: true }, signal)
    time += 61_000
    const started = time
    await resolver.check(source(), { image: true }, signal)
    expect(time).toBeGreaterThan(started)
  })

  it('is no node’s matter for a resource, nor where only the registry can say which tag is meant', async () => {
    const resolver = images({ check: 'node' })
    expect(await resolver.check(source(), { image: false }, signal)).toMatchObject({ ok: false })
    expect(await resolver.check(source({ tag: null, tag_regex: 'x' }), { image: true }, signal)).toMatchObject({ ok: false })
  })

  it('is not needed where a digest is known', async () => {
    const resolver = images({ check: 'node' })
    expect(await resolver.image({ source: source(), version: { digest: pinned } }, signal)).toMatchObject({ ok: true, value: { source: { reference: `${proxy.host}/app:1@${pinned}`, unproven: true }, how: 'pin' } })
    expect(await resolver.image({ source: source(), checked: { tag: '1', digest: pinned } }, signal)).toMatchObject({ ok: true, value: { how: 'check' } })
    expect(await resolver.check(source({ digest: pinned }), { image: true }, signal)).toEqual({ ok: true, value: [{ tag: '1', digest: pinned }] })
  })
})
