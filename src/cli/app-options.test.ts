import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { baseTypeImages } from '../app/options.ts'
import { testCertificate } from '../images/testing/test-certificate.ts'
import { silentLog } from '../lib/log.ts'
import { appOptions } from './app-options.ts'
import { addSettings, settingsOf } from './settings/settings-of.ts'

const optionsOf = (...args: string[]) =>
  appOptions(settingsOf('run', addSettings(new Command(), 'run').exitOverride().parse(args, { from: 'user' }), () => undefined, {}), silentLog, () => undefined)

describe('options about registries and nodes', () => {
  it('are nothing unless they are given', () => {
    expect(optionsOf().images).toEqual({ check: 'server', nodeRegistries: [], cloudIdentity: [] })
  })

  it('are read', () => {
    expect(
      optionsOf(
        '--image-check', 'node', '--node-registry', 'a.example=insecure', '--node-registry', '*.b.example=ca,credentials',
        '--cloud-identity', '*.azurecr.io', '--registry-mirror', 'http://Mirror.example:5000/',
      ).images,
    ).toEqual({
      check: 'node',
      nodeRegistries: [
        { host: 'a.example', trusts: ['insecure'] },
        { host: '*.b.example', trusts: ['ca', 'credentials'] },
      ],
      cloudIdentity: ['*.azurecr.io'],
      registryMirror: { registry: 'mirror.example:5000', insecure: true },
    })
    expect(optionsOf('--registry-mirror', 'mirror.example').images).toMatchObject({ registryMirror: { registry: 'mirror.example', insecure: false } })
  })

  it('an output has a limit only if it is given, of a mebibyte or more', () => {
    expect(optionsOf()).not.toHaveProperty('outputLimit')
    expect(optionsOf('--output-limit', '1048576').outputLimit).toBe(1_048_576)
    for (const wrong of ['1048575', '1G']) expect(() => optionsOf('--output-limit', wrong)).toThrow(`--output-limit "${wrong}": write a whole number from 1048576`)
  })

  it('a policy server is asked with a time limit', () => {
    expect(optionsOf().imagePolicy).toBeUndefined()
    expect(optionsOf('--image-policy-url', 'http://opa.example:8181/v1/data/x').imagePolicy).toEqual({ url: new URL('http://opa.example:8181/v1/data/x'), timeoutMs: 5_000 })
    expect(optionsOf('--image-policy-url', 'https://opa.example/', '--image-policy-timeout', '30s').imagePolicy).toMatchObject({ timeoutMs: 30_000 })
  })

  it('a policy server is asked about the actions that its filter names', () => {
    expect(optionsOf('--policy-action', 'SaveConfig').policy).toBeUndefined()
    const url = 'http://opa.example:8181/v1/data/x'
    expect(optionsOf('--opa-url', url).policy).toEqual({ url: new URL(url), timeoutMs: 5_000, filter: { actions: [], skipped: [], methods: [] } })
    const given = ['--opa-url', url, '--opa-timeout', '2s', '--policy-action', 'SaveConfig', '--policy-action', 'SetPipeline']
    expect(optionsOf(...given, '--policy-action-skip', 'DestroyTeam', '--policy-http-method', 'delete').policy).toEqual({
      url: new URL(url), timeoutMs: 2_000, filter: { actions: ['SaveConfig', 'SetPipeline'], skipped: ['DestroyTeam'], methods: ['DELETE'] },
    })
  })

  it('a prefix goes before the built-in images of base types, and not before those that are given', () => {
    const images = baseTypeImages(optionsOf('--base-resource-type-prefix', 'registry.example/mirror/', '--base-resource-type', 'git=other.example/git'))
    expect(images.get('time')).toBe('registry.example/mirror/concourse/time-resource')
    expect(images.get('git')).toBe('other.example/git')
    expect(baseTypeImages(optionsOf()).get('time')).toBe('concourse/time-resource')
  })

  it('a base type takes an image, or all that a source takes', () => {
    const images = baseTypeImages(optionsOf('--base-resource-type', 'git={repository: 10.0.0.5:5000/git, tag: 1.2, insecure: true}', '--base-resource-type', 'x=a.example/x@sha256:' + '1'.repeat(64)))
    expect(images.get('git')).toEqual({ repository: '10.0.0.5:5000/git', tag: 1.2, insecure: true })
    expect(images.get('x')).toBe('a.example/x@sha256:' + '1'.repeat(64))
  })

  it('registries that need it are trusted as the flag says', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'airside-options-'))
    const file = join(dir, 'ca.pem')
    await writeFile(file, `two of one:\n${testCertificate.cert}\n${testCertificate.cert}`)
    const trust = optionsOf('--registry-trust', 'A.example:5000=insecure', '--registry-trust', `*.b.example=ca:${file}`).images?.registryTrust
    expect(trust).toMatchObject([{ host: 'a.example:5000', insecure: true, caCerts: [] }, { host: '*.b.example', insecure: false }])
    expect(trust?.[1]?.caCerts).toEqual([testCertificate.cert.trim(), testCertificate.cert.trim()])
    await writeFile(file, 'none')
    expect(() => optionsOf('--registry-trust', `b.example=ca:${file}`)).toThrow('holds no certificate in PEM form')
    await writeFile(file, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----')
    expect(() => optionsOf('--registry-trust', `b.example=ca:${file}`)).toThrow('holds a certificate that cannot be read')
    await rm(dir, { recursive: true })
  })

  it('a base type that is refused shows no password', () => {
    expect(() => optionsOf('--base-resource-type', 'git={repository: a, password: canary, nope: 1}')).toThrow(/^--base-resource-type "git=…": registry-image source a: unknown key `nope`$/)
  })

  it.each([
    ['--base-resource-type', 'git', 'write it as NAME=IMAGE'],
    ['--base-resource-type', 'git={repository: a', 'not a YAML object on one line'],
    ['--base-resource-type', 'git={tag: 1}', '`repository` is missing'],
    ['--base-resource-type', 'git=https://a/b', 'is no image: it is a name, not a URL'],
    ['--registry-trust', 'a.example', '--registry-trust "a.example": write it as HOST=insecure or HOST=ca:FILE'],
    ['--registry-trust', 'a.example=ca:/nope/ca.pem', 'ENOENT'],
    ['--node-registry', 'a.example=tls', '--node-registry "a.example=tls": "tls" is none of'],
    ['--cloud-identity', 'a b', '--cloud-identity "a b": write it as a registry\'s host'],
    ['--cloud-identity', '*.azurecr.io=ca', 'write it as a registry\'s host'],
    ['--registry-mirror', 'mirror.example/path', '--registry-mirror "mirror.example/path": write it as HOST'],
    ['--image-policy-url', 'opa.example/v1', '--image-policy-url: write it as http://HOST'],
    ['--image-policy-url', 'ftp://opa.example/v1', '--image-policy-url: write it as http://HOST'],
    ['--image-policy-url', 'http://me:pw@opa.example/v1', 'a user and a password are not sent'],
    ['--base-resource-type-prefix', 'https://x', '--base-resource-type-prefix "https://x": '],
  ])('%s %s is refused', (flag, value, words) => {
    expect(() => optionsOf(flag, value)).toThrow(words)
  })
})
