import { describe, expect, it } from 'vitest'
import { answer, basicAuthFault, startFaultProxy, startTokenService, tokenAuthFault } from '../testing/fault-proxy.ts'
import { RegistryClient } from './registry-client.ts'
import { describeRegistryError } from './registry-error.ts'
import { basicAuth } from './target.ts'
import { client, clock, credentials, digest, passTime, password, proxy, registry, slept, target, useRegistry } from './testing/client-world.ts'

useRegistry()

describe('credentials', () => {
  it('basic: one challenge, then the credentials are sent at once', async () => {
    proxy.fault = basicAuthFault(credentials.username, credentials.password)
    expect((await client.headManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect(proxy.calls()).toHaveLength(3)
    expect(proxy.seen[0]?.authorization).toBeUndefined()
  })

  it.each([
    [undefined, 'no credentials were given'],
    [{ username: 'someone', password: 'wrong' }, 'the credentials do not allow it'],
  ])('basic: refused with %j', async (wrong, words) => {
    proxy.fault = basicAuthFault(credentials.username, credentials.password)
    const result = await client.headManifest(target(wrong === undefined ? {} : { credentials: wrong }), 'v1')
    expect(result).toMatchObject({ ok: false, error: { kind: 'unauthorized', status: 401, retryable: false, detail: expect.stringContaining(words) as string } })
    expect(slept).toEqual([])
  })

  it('token: fetched once, and again when it has expired or is revoked', async () => {
    const service = await startTokenService((authorization) => authorization === `Basic ${basicAuth(credentials)}`)
    proxy.fault = tokenAuthFault(service)
    const head = () => client.headManifest(target({ credentials }), 'v1')
    expect((await head()).ok).toBe(true)
    expect((await Promise.all(Array.from({ length: 20 }, head))).every(({ ok }) => ok)).toBe(true)
    expect(service.seen).toHaveLength(1)
    expect(service.seen[0]?.url).toBe('/token?service=test&scope=repository%3Ateam%2Fapp%3Apull')

    passTime(301_000)
    expect((await Promise.all(Array.from({ length: 20 }, head))).every(({ ok }) => ok)).toBe(true)
    expect(service.seen).toHaveLength(2)

    service.valid.clear()
    expect((await head()).ok).toBe(true)
    expect(service.seen).toHaveLength(3)
    // The password went to the token service alone.
    expect(proxy.seen.some(({ authorization }) => authorization?.startsWith('Basic '))).toBe(false)
    await service.stop()
  })

  it('token: anonymous, and never shared between identities', async () => {
    const service = await startTokenService(() => true)
    proxy.fault = tokenAuthFault(service)
    expect((await client.headManifest(target(), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target({ credentials: { ...credentials, username: 'other' } }), 'v1')).ok).toBe(true)
    expect((await client.headManifest(target(), 'v1')).ok).toBe(true)
    expect(service.seen.map(({ authorization }) => authorization !== undefined)).toEqual([false, true, true])
    await service.stop()
  })

  it('token: an identity token is exchanged, never sent as a password', async () => {
    const service = await startTokenService(() => true)
    proxy.fault = tokenAuthFault(service)
    expect((await client.headManifest(target({ credentials: { username: '<token>', password: 'identity' } }), 'v1')).ok).toBe(true)
    expect(service.seen.map(({ method, authorization }) => [method, authorization])).toEqual([['POST', undefined]])
    await service.stop()
  })

  it('token: refused by the service', async () => {
    const service = await startTokenService(() => false)
    proxy.fault = tokenAuthFault(service)
    const result = await client.headManifest(target({ credentials }), 'v1')
    expect(result).toMatchObject({ ok: false, error: { kind: 'unauthorized', detail: `the token service ${service.host} refused the credentials` } })
    await service.stop()
  })

  it('token: a service that fails temporarily is asked again', async () => {
    const service = await startTokenService(() => true)
    const normal = service.fault
    let failures = 2
    service.fault = (request, response, body) => (failures-- > 0 ? answer(response, 503) : (normal?.(request, response, body) ?? false))
    proxy.fault = tokenAuthFault(service)
    expect((await client.headManifest(target(), 'v1')).ok).toBe(true)
    expect(slept).toHaveLength(2)
    await service.stop()
  })

  it('do not follow a redirect to another host, and a challenge from there is not answered', async () => {
    const elsewhere = await startFaultProxy(registry.host)
    const auth = basicAuthFault(credentials.username, credentials.password)
    proxy.fault = (request, response, body) =>
      request.url?.includes('/manifests/') === true
        ? (auth(request, response, body) as boolean) || answer(response, 307, { location: `${elsewhere.url}${request.url}` })
        : false
    expect((await client.getManifest(target({ credentials }), 'v1')).ok).toBe(true)
    expect(elsewhere.seen.map(({ authorization }) => authorization)).toEqual([undefined])

    elsewhere.fault = basicAuthFault(credentials.username, credentials.password)
    expect(await client.headManifest(target({ credentials }), 'v1')).toMatchObject({ ok: false, error: { kind: 'unauthorized' } })
    expect(elsewhere.seen.every(({ authorization }) => authorization === undefined)).toBe(true)
    await elsewhere.stop()
  })

  it('follow a redirect on the same host', async () => {
    const auth = basicAuthFault(credentials.username, credentials.password)
    proxy.fault = (request, response, body) => {
      if (auth(request, response, body) === true) return true
      return request.url?.endsWith('/moved') === true && answer(response, 302, { location: '/v2/team/app/manifests/v1' })
    }
    expect(await client.headManifest(target({ credentials }), 'moved')).toEqual({ ok: true, value: { digest } })
  })

  it('a redirect loop fails', async () => {
    proxy.fault = (request, response) => answer(response, 302, { location: request.url ?? '' })
    expect(await client.headManifest(target(), 'v1')).toMatchObject({ ok: false, error: { kind: 'bad-response', detail: 'too many redirects' } })
  })
})

it('no error has a credential, whatever the registry echoes', async () => {
  const forms = [password, encodeURIComponent(password), basicAuth(credentials)]
  const service = await startTokenService(() => true)
  const echo = (status: number) => (request: { headers: { authorization?: string | undefined } }) =>
    JSON.stringify({ errors: [{ code: 'X', message: `you sent ${request.headers.authorization ?? ''} and ${forms.join(' ')} ${status}` }] })
  for (const status of [400, 401, 403, 404, 418, 429, 500]) {
    for (const challenge of ['Basic realm="x"', `Bearer realm="${service.url}/token"`]) {
      const fresh = new RegistryClient({ clock, random: () => 0.5, retry: { attempts: 1, baseMs: 1, maxMs: 1, totalMs: 1 } })
      proxy.fault = (request, response) =>
        request.headers.authorization === undefined ? answer(response, 401, { 'www-authenticate': challenge }) : answer(response, status, {}, echo(status)(request))
      for (const result of [await fresh.getManifest(target({ credentials }), 'v1'), await fresh.listTags(target({ credentials }))]) {
        expect(result.ok).toBe(false)
        const text = JSON.stringify(result) + (result.ok ? '' : describeRegistryError(result.error))
        for (const form of [...forms, ...service.valid]) expect(text).not.toContain(form)
        expect(text).toContain('redacted')
      }
      await fresh.close()
    }
  }
  await service.stop()
})
