import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fakeClock, type FakeClock } from '../../lib/clock.ts'
import { ok } from '../../model/result.ts'
import { describeSecretManager } from '../conformance/suite.ts'
import { longestAnswer } from '../http.ts'
import { fakeVault, type FakeVault } from '../testing/fake-vault.ts'
import { fakeServer } from '../testing/http-server.ts'
import { vaultManager } from './manager.ts'
import { vaultSettingsOf, type VaultLogin, type VaultSettings } from './settings.ts'

const scope = { team: 'main', pipeline: 'pipe' }
const appRole: VaultLogin = { kind: 'backend', backend: 'approle', params: { role_id: 'role', secret_id: 'hunter2-secret-id' } }

function settingsOf(url: string, more: Partial<VaultSettings> = {}): VaultSettings {
  const settings = vaultSettingsOf({ url, client_token: 'root' })
  if (!settings.ok) throw new Error(settings.error)
  return { ...settings.value, ...more }
}

for (const [version, pathPrefix] of [['1', '/concourse'], ['2', '/second/nested']] as const) {
  describeSecretManager(`vault, KV version ${version}, on a fake server`, {
    async open() {
      const vault = await fakeVault()
      return {
        manager: vaultManager(settingsOf(vault.url, { pathPrefix, sharedPath: 'shared' }), 'teams', fakeClock()),
        put(place, name, value) {
          const at = place === 'all' ? 'shared' : [place.team, ...(place.pipeline === undefined ? [] : [place.pipeline])].join('/')
          vault.secrets.set(`${pathPrefix.slice(1)}/${at}/${name}`, typeof value === 'string' ? { value } : value)
          return Promise.resolve()
        },
        close: () => vault.close(),
      }
    },
  })
}

describe('the manager of Vault', () => {
  let vault: FakeVault
  let clock: FakeClock
  beforeEach(async () => {
    vault = await fakeVault()
    clock = fakeClock()
    vault.secrets.set('concourse/main/token', { value: 'x' })
  })
  afterEach(() => vault.close())
  const manager = (more: Partial<VaultSettings> = {}) => vaultManager(settingsOf(vault.url, more), 'teams', clock)
  const get = (from: ReturnType<typeof manager>, path = 'concourse/main/token') => from.get(path, scope)
  const asked = (what: string) => vault.requests.filter(({ path }) => path.includes(what)).length

  test('looks in the team’s paths and the shared one; a var source in the whole prefix too', () => {
    const settings = settingsOf(vault.url, { sharedPath: 'shared', pathPrefix: '/concourse/' })
    expect(vaultManager(settings, 'teams', clock).paths('a/b', scope)).toEqual(['concourse/main/pipe/a/b', 'concourse/main/a/b', 'concourse/shared/a/b'])
    expect(vaultManager(settings, 'prefix', clock).paths('/a', { team: 'main' })).toEqual(['concourse/main/a', 'concourse/shared/a', 'concourse/a'])
  })

  test('sends names as they are: nothing in them becomes a part of the path or a query', async () => {
    await get(manager(), 'concourse/%2E%2E/a%2Fb/c?d#e f/é')
    expect(vault.requests.at(-1)?.path).toBe('/v1/concourse/%252E%252E/a%252Fb/c%3Fd%23e%20f/%C3%A9')
  })

  test('sends namespace and token, and asks for a mount once a minute', async () => {
    const one = manager({ namespace: 'ns/a' })
    for (let i = 0; i < 3; i++) await get(one)
    expect(vault.requests.every(({ headers }) => headers['x-vault-namespace'] === 'ns/a' && headers['x-vault-token'] === 'root')).toBe(true)
    expect(asked('/mounts/')).toBe(1)
    await clock.advance(60_000)
    await get(one)
    expect(asked('/mounts/')).toBe(2)
  })

  test('says how long a secret of version 1 may be used: half of its lease', async () => {
    expect(await get(manager())).toEqual(ok({ value: 'x', leaseMs: 1_800_000 }))
    vault.lease = 0
    expect(await get(manager())).toEqual(ok({ value: 'x' }))
  })

  test('of a deleted version of KV 2 nothing is found', async () => {
    const deleted = await fakeServer(({ path }) => (path.includes('/mounts/') ? { body: { data: { path: 'concourse/', options: { version: '2' } } } } : { body: { data: { data: null, metadata: { deletion_time: 'x' } } } }))
    expect(await get(vaultManager(settingsOf(deleted.url), 'teams', clock))).toEqual(ok(undefined))
    await deleted.close()
  })

  test('logs in once for all who ask at once, renews at half of the lease, and logs in anew when it has ended', async () => {
    const one = manager({ login: appRole })
    await Promise.all([get(one), get(one), get(one)])
    expect(asked('approle/login')).toBe(1)
    await one.tend?.()
    await clock.advance(1_800_000)
    await one.tend?.()
    expect(asked('renew-self')).toBe(1)
    await clock.advance(3_599_000)
    await get(one)
    expect(asked('approle/login')).toBe(1)
    await clock.advance(1000)
    expect(await get(one)).toMatchObject({ ok: true })
    expect(asked('approle/login')).toBe(2)
  })

  test('logs in anew after the longest time that is set, though the lease goes on', async () => {
    const one = manager({ login: { ...appRole, maxTtlMs: 60_000 } })
    await get(one)
    await clock.advance(59_999)
    await get(one)
    expect(asked('approle/login')).toBe(1)
    await clock.advance(1)
    await get(one)
    expect(asked('approle/login')).toBe(2)
  })

  test('logs in anew when Vault does not know its token any more, once for each question', async () => {
    const one = manager({ login: appRole })
    await get(one)
    vault.tokens.clear()
    expect(await get(one)).toMatchObject({ ok: true, value: { value: 'x' } })
    expect(asked('approle/login')).toBe(2)
    const other = manager()
    expect(await get(other)).toMatchObject({ ok: false, error: { retryable: false, message: expect.stringContaining('invalid token') as string } })
  })

  test('a login that fails is not repeated at once; pauses double up to the longest', async () => {
    const one = manager({ login: { kind: 'backend', backend: 'approle', params: { role_id: 'hunter2' } }, retryMs: { initial: 1000, max: 3000 } })
    const answer = await get(one)
    expect(answer).toMatchObject({ ok: false, error: { message: expect.stringMatching(/^login at the auth backend approle: Vault answered 400: invalid role or secret ID \(\(redacted\)\) \(secret concourse/) as string } })
    for (const pause of [1000, 2000, 3000, 3000]) {
      const before = asked('approle/login')
      await clock.advance(pause - 1)
      await get(one)
      expect(asked('approle/login')).toBe(before)
      await clock.advance(1)
      await get(one)
      expect(asked('approle/login')).toBe(before + 1)
    }
  })

  test('a token that was given is renewed when it may be, and used when it may not look itself up', async () => {
    const one = manager()
    await get(one)
    await clock.advance(1_800_000)
    await one.tend?.()
    expect(asked('renew-self')).toBe(1)
    const closed = await fakeServer(({ path }) => (path.includes('lookup-self') ? { status: 403, body: { errors: ['permission denied'] } } : { body: { data: { value: 'y' } } }))
    expect(await get(vaultManager(settingsOf(closed.url), 'teams', clock))).toEqual(ok({ value: 'y' }))
    await closed.close()
  })

  test('a token in a file is read anew when it has ended', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'airside-vault-'))
    const file = join(folder, 'token')
    await writeFile(file, 'root\n')
    const one = manager({ login: { kind: 'token file', file } })
    expect(await get(one)).toMatchObject({ ok: true })
    vault.tokens.add('next')
    vault.tokens.delete('root')
    await writeFile(file, 'next\n')
    expect(await get(one)).toMatchObject({ ok: true, value: { value: 'x' } })
    await rm(folder, { recursive: true })
    vault.tokens.delete('next')
    expect(await get(one)).toMatchObject({ ok: false, error: { retryable: true, message: expect.stringContaining('ENOENT') as string } })
  })

  test('the parameter jwt is read from its file at each login', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'airside-vault-'))
    afterAll(() => rm(folder, { recursive: true, force: true }))
    await writeFile(join(folder, 'jwt'), 'a.b.c\n')
    await get(manager({ login: { ...appRole, jwtFile: join(folder, 'jwt') } }))
    expect(vault.requests.find(({ path }) => path.includes('approle/login'))?.body).toContain('"jwt":"a.b.c"')
  })

  test.each([[500, true], [503, true], [429, true], [400, false], [403, false]])('an answer %i may be tried again: %s', async (status, retryable) => {
    const one = manager()
    await get(one)
    vault.failure = { status, errors: ['no: root is hidden', 'a\u001b[31mb'] }
    expect(await get(one)).toEqual({ ok: false, error: { retryable, message: `Vault answered ${status}: no: ((redacted)) is hidden; a\ufffd[31mb (secret concourse/main/token)` } })
  })

  test('words of an error are cut', async () => {
    const one = manager()
    await get(one)
    vault.failure = { status: 400, errors: ['x'.repeat(10_000)] }
    const answer = await get(one)
    expect(answer.ok ? '' : answer.error.message.length).toBeLessThan(400)
  })

  test('a server that is not there, or breaks off, may be tried again', async () => {
    const cut = await fakeServer(() => undefined)
    const one = vaultManager(settingsOf(cut.url), 'teams', clock)
    expect(await get(one)).toMatchObject({ ok: false, error: { retryable: true, message: expect.stringContaining(`Vault at ${cut.url} cannot be reached`) as string } })
    await cut.close()
  })

  test('an answer has a bound', async () => {
    const big = (length: number) => fakeServer(() => ({ body: `{"data":{"value":"${'x'.repeat(length)}"}}` }))
    const [fits, tooBig] = await Promise.all([big(longestAnswer - 21), big(longestAnswer - 20)])
    expect(await get(vaultManager(settingsOf(fits.url), 'teams', clock))).toMatchObject({ ok: true })
    expect(await get(vaultManager(settingsOf(tooBig.url), 'teams', clock))).toMatchObject({ ok: false, error: { retryable: false, message: expect.stringContaining(`more than ${longestAnswer} bytes`) as string } })
    await Promise.all([fits.close(), tooBig.close()])
  })

  test('a redirect is followed once, as a standby answers', async () => {
    const standby = await fakeServer(({ path }) => ({ status: 307, headers: { location: `${vault.url}${path}` } }))
    const loop = await fakeServer(({ path }) => ({ status: 307, headers: { location: path } }))
    expect(await get(vaultManager(settingsOf(standby.url), 'teams', clock))).toMatchObject({ ok: true, value: { value: 'x' } })
    expect(await get(vaultManager(settingsOf(loop.url), 'teams', clock))).toMatchObject({ ok: false, error: { message: expect.stringContaining('answered 307') as string } })
    await Promise.all([standby.close(), loop.close()])
  })
})

describe('a var source’s config', () => {
  test('is read with its defaults, in any case, with durations', () => {
    expect(vaultSettingsOf({ URL: 'https://v', client_token: 't' })).toMatchObject({ ok: true, value: { url: 'https://v', pathPrefix: '/concourse', queryTimeoutMs: 60_000, login: { kind: 'token', token: 't' } } })
    expect(
      vaultSettingsOf({ url: 'https://v', path_prefix: '/p', lookup_templates: ['/{{.Secret}}'], shared_path: 's', namespace: 'n', query_timeout: '5s', login_timeout: 1e9, auth_backend: 'approle', auth_params: { a: 'b' }, auth_backend_max_ttl: '1h', ca_cert: 'pem', insecure_skip_verify: true }),
    ).toMatchObject({
      ok: true,
      value: { pathPrefix: '/p', lookupTemplates: ['/{{.Secret}}'], sharedPath: 's', namespace: 'n', queryTimeoutMs: 5000, loginTimeoutMs: 1000, tls: { ca: 'pem', insecure: true }, login: { kind: 'backend', backend: 'approle', params: { a: 'b' }, maxTtlMs: 3_600_000 } },
    })
  })

  test.each(['client_token_path', 'cacertfile', 'capath', 'clientcertfile', 'clientkeyfile', 'Client_Token_Path'])('names no file of the server: %s', (key) => {
    expect(vaultSettingsOf({ url: 'https://v', client_token: 't', [key]: '/etc/passwd' })).toMatchObject({ ok: false, error: expect.stringContaining(`\`${key.toLowerCase()}\` names a file of this server`) as string })
  })
})
