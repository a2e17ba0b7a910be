import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fail, ok } from '../../model/result.ts'
import { runCredentialHelper, type AskHelper } from './credential-helper.ts'
import { dockerConfigCredentials, credentialsOfConfig, firstOf } from './docker-config-credentials.ts'
import { dockerConfigJson } from '../testing/docker-config-json.ts'
import { findAuth, parseDockerConfig } from './docker-config.ts'

const b64 = (text: string): string => Buffer.from(text).toString('base64')
const parse = (value: unknown) => {
  const parsed = parseDockerConfig(typeof value === 'string' ? value : JSON.stringify(value))
  if (!parsed.ok) throw new Error(parsed.error)
  return parsed.value
}

describe('docker config', () => {
  const config = parse({
    auths: {
      'https://index.docker.io/v1/': { auth: b64('hub:h:with:colons') },
      'https://ghcr.io': { username: 'gh', password: 'g' },
      'quay.io/org': { auth: b64('org:o') },
      'quay.io/org/deep/': { auth: b64('deep:d') },
      'reg.example:5000': { identitytoken: 'idt', auth: b64('ignored:') },
      '*.azurecr.io': { auth: b64('any:a') },
      'own.azurecr.io': { auth: b64('own:o') },
      'empty.example': {},
      'broken.example': { auth: 5 },
    },
    HttpHeaders: {},
  })

  it.each([
    ['docker.io', 'library/busybox', 'hub h:with:colons'],
    ['ghcr.io', 'a/b', 'gh g'],
    ['GHCR.io', 'a/b', 'gh g'],
    ['quay.io', 'org/x', 'org o'],
    ['quay.io', 'org/deep/x', 'deep d'],
    ['quay.io', 'organic/x', undefined],
    ['quay.io', 'other/x', undefined],
    ['reg.example:5000', 'x', '<token> idt'],
    ['reg.example', 'x', undefined],
    ['reg.example:5001', 'x', undefined],
    ['team.azurecr.io', 'x', 'any a'],
    ['own.azurecr.io', 'x', 'own o'],
    ['a.b.azurecr.io', 'x', undefined],
    ['azurecr.io', 'x', undefined],
    ['evil.example', 'ghcr.io/x', undefined],
    ['ghcr.io.evil.example', 'x', undefined],
    ['empty.example', 'x', undefined],
    ['broken.example', 'x', undefined],
  ])('for %s/%s: %s', (registry, repository, expected) => {
    const found = findAuth(config, registry, repository)
    expect(found && `${found.username} ${found.password}`).toBe(expected)
  })

  it.each([
    ['{', 'not JSON'],
    ['[]', 'not a docker config'],
    ['{"credsStore":"../../bin/sh"}', 'not a name of a credential helper'],
    ['{"credHelpers":{"a":"x/y"}}', 'not a name of a credential helper'],
  ])('refuses %s', (text, words) => {
    expect(parseDockerConfig(text)).toMatchObject({ ok: false, error: expect.stringContaining(words) as string })
  })

  it.each([
    ['registry-1.docker.io', 'https://index.docker.io/v1/', 'docker.io'],
    ['docker.io', 'https://index.docker.io/v1/', 'docker.io'],
    ['127.0.0.1:5000', '127.0.0.1:5000', '127.0.0.1:5000'],
  ])('writes a pull secret for %s that it reads back', (host, key, registry) => {
    const credentials = { username: 'ü', password: 'p:ä"\\' }
    const text = dockerConfigJson(host, credentials)
    expect(Object.keys((JSON.parse(text) as { auths: object }).auths)).toEqual([key])
    expect(findAuth(parse(text), registry, 'a/b')).toEqual(credentials)
    expect(findAuth(parse(text), 'other.example', 'a/b')).toBeUndefined()
  })
})

describe('credentials from a docker config file', () => {
  let dir: string
  let file: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'airside-docker-config-'))
    file = join(dir, 'config.json')
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(dir, { recursive: true })
  })

  it('none where there is no file', async () => {
    expect(await dockerConfigCredentials({ file }).find('ghcr.io', 'a')).toBeUndefined()
  })

  it('are read again when the file changes, and a broken file is told of', async () => {
    const problems: string[] = []
    const source = dockerConfigCredentials({ file, onProblem: (line) => problems.push(line) })
    await writeFile(file, JSON.stringify({ auths: { 'ghcr.io': { username: 'a', password: 'b' } } }))
    expect(await source.find('ghcr.io', 'x')).toEqual({ username: 'a', password: 'b' })
    await writeFile(file, JSON.stringify({ auths: { 'ghcr.io': { username: 'a', password: 'changed' } } }))
    expect(await source.find('ghcr.io', 'x')).toEqual({ username: 'a', password: 'changed' })
    await writeFile(file, '{"auths": canary')
    expect(await source.find('ghcr.io', 'x')).toBeUndefined()
    expect(problems).toEqual([`${file} is not used: it is not JSON`])
  })

  it("a host's own helper, then the store, then the file; each answer for a minute", async () => {
    await writeFile(file, JSON.stringify({ auths: { 'c.io': { username: 'file', password: 'f' } }, credsStore: 'store', credHelpers: { 'a.io': 'own' } }))
    const asked: string[] = []
    const askHelper: AskHelper = (helper, registry) => {
      asked.push(`${helper} ${registry}`)
      return Promise.resolve(ok(registry === 'c.io' ? undefined : { username: helper, password: registry }))
    }
    let now = 0
    const source = dockerConfigCredentials({ file, askHelper, clock: { now: () => now } })
    expect(await source.find('a.io', 'x')).toEqual({ username: 'own', password: 'a.io' })
    expect(await source.find('b.io', 'x')).toEqual({ username: 'store', password: 'b.io' })
    expect(await source.find('c.io', 'x')).toEqual({ username: 'file', password: 'f' })
    await source.find('a.io', 'x')
    expect(asked).toEqual(['own a.io', 'store b.io', 'store c.io'])
    now = 61_000
    await source.find('a.io', 'x')
    expect(asked).toHaveLength(4)
  })

  it('a helper that fails is told of, and the file serves', async () => {
    await writeFile(file, JSON.stringify({ auths: { 'c.io': { username: 'file', password: 'f' } }, credsStore: 'store' }))
    const problems: string[] = []
    const source = dockerConfigCredentials({ file, askHelper: () => Promise.resolve(fail('it broke')), onProblem: (line) => problems.push(line) })
    expect(await source.find('c.io', 'x')).toMatchObject({ username: 'file' })
    expect(problems).toEqual(['it broke'])
  })

  const helper = async (name: string, script: string): Promise<void> => {
    const program = join(dir, `docker-credential-${name}`)
    await writeFile(program, `#!/bin/sh\n${script}\n`)
    await chmod(program, 0o755)
    vi.stubEnv('PATH', `${dir}${delimiter}${process.env['PATH'] ?? ''}`)
  }

  it('runs real helpers', async () => {
    await helper('good', 'read server || true; echo "{\\"ServerURL\\":\\"$server\\",\\"Username\\":\\"$1\\",\\"Secret\\":\\"$server\\"}"')
    expect(await runCredentialHelper('good', 'docker.io')).toEqual(ok({ username: 'get', password: 'https://index.docker.io/v1/' }))
    expect(await runCredentialHelper('good', 'ghcr.io')).toEqual(ok({ username: 'get', password: 'ghcr.io' }))
    await helper('none', 'echo "credentials not found in native keychain"; exit 1')
    expect(await runCredentialHelper('none', 'ghcr.io')).toEqual(ok(undefined))
    await helper('bad', 'echo canary; echo canary >&2; exit 3')
    expect(await runCredentialHelper('bad', 'ghcr.io')).toEqual(fail('docker-credential-bad failed'))
    await helper('garbage', 'echo canary')
    expect(await runCredentialHelper('garbage', 'ghcr.io')).toEqual(fail('docker-credential-garbage gave no JSON'))
    expect(await runCredentialHelper('missing', 'ghcr.io')).toEqual(fail('docker-credential-missing is not installed'))
  })
})

it('several sources: the first that has some', async () => {
  const one = credentialsOfConfig(parse({ auths: { 'a.io': { username: 'one', password: '1' } } }))
  const two = credentialsOfConfig(parse({ auths: { 'a.io': { username: 'two', password: '2' }, 'b.io': { username: 'two', password: '2' } } }))
  const both = firstOf(one, two)
  expect((await both.find('a.io', 'x'))?.username).toBe('one')
  expect((await both.find('b.io', 'x'))?.username).toBe('two')
  expect(await both.find('c.io', 'x')).toBeUndefined()
})
