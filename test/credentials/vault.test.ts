import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeSecretManager, type Place } from '../../src/credentials/conformance/suite.ts'
import { vaultManager } from '../../src/credentials/vault/manager.ts'
import { vaultSettingsOf, type VaultLogin, type VaultSettings, type VaultTls } from '../../src/credentials/vault/settings.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { must } from '../services/command.ts'
import { startVault, type Vault } from '../services/vault.ts'

const policy = 'path "concourse/*" { capabilities = ["read"] }'
const scope = { team: 'main', pipeline: 'pipe' }

function settingsOf({ url, certificates }: Vault, login: VaultLogin, tls: VaultTls = {}): VaultSettings {
  const settings = vaultSettingsOf({ url, client_token: 'x', shared_path: 'shared' })
  if (!settings.ok) throw new Error(settings.error)
  return { ...settings.value, login, tls: { ...(certificates && { ca: certificates.ca }), ...tls } }
}

async function appRole(vault: Vault, more: object = {}): Promise<VaultLogin> {
  await vault.ask('POST', 'auth/approle/role/ci', { token_policies: 'ci', ...more })
  const [role, secret] = [await vault.ask('GET', 'auth/approle/role/ci/role-id'), await vault.ask('POST', 'auth/approle/role/ci/secret-id', {})]
  const text = (answer: Record<string, unknown>, key: string) => (answer['data'] as Record<string, string>)[key] ?? ''
  return { kind: 'backend', backend: 'approle', params: { role_id: text(role, 'role_id'), secret_id: text(secret, 'secret_id') } }
}

async function prepared(version: '1' | '2', tls: boolean): Promise<Vault> {
  const vault = await startVault({ tls })
  await vault.ask('POST', 'sys/mounts/concourse', { type: 'kv', options: { version } })
  await vault.ask('POST', 'sys/policies/acl/ci', { policy })
  await vault.ask('POST', 'sys/auth/approle', { type: 'approle' })
  return vault
}

const pathOf = (place: Place, name: string) => (place === 'all' ? `shared/${name}` : [place.team, ...(place.pipeline === undefined ? [] : [place.pipeline]), name].join('/'))

for (const version of ['1', '2'] as const) {
  describeSecretManager(`vault, KV version ${version}, by AppRole`, {
    longest: 500_000,
    async open() {
      const vault = await prepared(version, version === '2')
      return {
        manager: vaultManager(settingsOf(vault, await appRole(vault)), 'teams', systemClock),
        async put(place, name, value) {
          const data = typeof value === 'string' ? { value } : value
          const path = pathOf(place, name).split('/').map(encodeURIComponent).join('/')
          await vault.ask('POST', version === '1' ? `concourse/${path}` : `concourse/data/${path}`, version === '1' ? data : { data })
        },
        close: () => vault.stop(),
      }
    },
  })
}

let vault: Vault
beforeAll(async () => {
  vault = await prepared('2', true)
  await vault.ask('POST', 'concourse/data/main/token', { data: { value: 'x' } })
})
afterAll(() => vault.stop())

async function read(login: VaultLogin, tls: VaultTls = {}, path = 'concourse/main/token') {
  const manager = vaultManager(settingsOf(vault, login, tls), 'teams', systemClock)
  const answer = await manager.get(path, scope)
  await manager.close?.()
  return answer
}
const found = { ok: true, value: { value: 'x' } }

test('a token is used; one that is not known is refused', async () => {
  expect(await read({ kind: 'token', token: vault.token })).toEqual(found)
  expect(await read({ kind: 'token', token: 'hvs.not-a-token' })).toMatchObject({ ok: false, error: { retryable: false, message: expect.stringMatching(/^Vault answered 403: .*permission denied/) as string } })
})

test('a token that has ended is no matter where the login can be repeated', async () => {
  const login = await appRole(vault, { token_ttl: '1h' })
  const manager = vaultManager(settingsOf(vault, login), 'teams', systemClock)
  expect(await manager.get('concourse/main/token', scope)).toEqual(found)
  const accessors = ((await vault.ask('GET', 'auth/token/accessors?list=true'))['data'] as { keys: string[] }).keys
  const own = (await vault.ask('GET', 'auth/token/lookup-self'))['data'] as { accessor: string }
  for (const accessor of accessors) if (accessor !== own.accessor) await vault.ask('POST', 'auth/token/revoke-accessor', { accessor })
  expect(await manager.get('concourse/main/token', scope)).toEqual(found)
  await manager.close?.()
})

test('a user logs in by name', async () => {
  await vault.ask('POST', 'sys/auth/userpass', { type: 'userpass' })
  await vault.ask('POST', 'auth/userpass/users/ci', { password: 'hunter2', token_policies: 'ci' })
  expect(await read({ kind: 'backend', backend: 'userpass', params: { username: 'ci', password: 'hunter2' } })).toEqual(found)
  const wrong = await read({ kind: 'backend', backend: 'userpass', params: { username: 'ci', password: 'hunter3' } })
  expect(wrong).toMatchObject({ ok: false })
  expect(JSON.stringify(wrong)).not.toContain('hunter3')
})

test('a certificate logs in', async () => {
  const folder = dirname(vault.certificates!.caFile)
  const at = (name: string) => join(folder, name)
  await must('openssl', ['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=ci', '-keyout', at('client.key'), '-out', at('client.csr')])
  await must('openssl', ['x509', '-req', '-in', at('client.csr'), '-CA', at('ca.crt'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2', '-out', at('client.crt')])
  const [cert, key] = await Promise.all([readFile(at('client.crt'), 'utf8'), readFile(at('client.key'), 'utf8')])
  await vault.ask('POST', 'sys/auth/cert', { type: 'cert' })
  await vault.ask('POST', 'auth/cert/certs/ci', { certificate: vault.certificates!.ca, token_policies: 'ci' })
  expect(await read({ kind: 'backend', backend: 'cert', params: {} }, { cert, key })).toEqual(found)
  expect(await read({ kind: 'backend', backend: 'cert', params: {} })).toMatchObject({ ok: false, error: { message: expect.stringContaining('login at the auth backend cert') as string } })
})

test('an authority that is not named is an error that another try would not change', async () => {
  const answer = await read({ kind: 'token', token: vault.token }, { ca: '' })
  expect(answer).toMatchObject({ ok: false, error: { retryable: false } })
})

test('a deleted secret is not there, and one outside of the policy is refused', async () => {
  await vault.ask('POST', 'concourse/data/main/gone', { data: { value: 'x' } })
  await vault.ask('DELETE', 'concourse/data/main/gone')
  const login = await appRole(vault)
  expect(await read(login, {}, 'concourse/main/gone')).toEqual({ ok: true, value: undefined })
  await vault.ask('POST', 'sys/mounts/other', { type: 'kv', options: { version: '1' } })
  expect(await read(login, {}, 'other/secret')).toMatchObject({ ok: false, error: { retryable: false, message: expect.stringContaining('(secret other/secret)') as string } })
})
