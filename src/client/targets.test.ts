import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readTargets, saveTarget } from './targets.ts'

let folder: string
let file: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'airside-targets-'))
  file = join(folder, 'home', '.flyrc')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const target = { api: 'https://ci.example', team: 'main', token: { type: 'bearer', value: 'as_1' } }

describe('the file of targets', () => {
  test('is made with the first, for its owner only', async () => {
    expect(await readTargets(file)).toEqual({ ok: true, value: new Map() })
    expect(await saveTarget(file, 'ci', target)).toEqual({ ok: true, value: undefined })
    expect(await readTargets(file)).toEqual({ ok: true, value: new Map([['ci', target]]) })
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test('keeps what fly and its user wrote', async () => {
    await saveTarget(file, 'x', target)
    const written = '# mine\ntargets:\n  old:\n    api: http://old.example/\n    team: a # the first\n    insecure: true\n    ca_cert: PEM\n    unknown: kept\n    token:\n      type: bearer\n      value: v\n'
    await writeFile(file, written)
    expect(await readTargets(file)).toEqual({ ok: true, value: new Map([['old', { api: 'http://old.example', team: 'a', insecure: true, caCert: 'PEM', token: { type: 'bearer', value: 'v' } }]]) })
    await saveTarget(file, 'ci', target)
    const text = await readFile(file, 'utf8')
    expect(text.startsWith(written)).toBe(true)
    const read = await readTargets(file)
    expect(read.ok && [...read.value.keys()]).toEqual(['old', 'ci'])
  })

  test('loses a token at logout, and a target when it is removed', async () => {
    await saveTarget(file, 'ci', target)
    await saveTarget(file, 'ci', { api: target.api, team: target.team })
    expect(await readTargets(file)).toEqual({ ok: true, value: new Map([['ci', { api: target.api, team: target.team }]]) })
    await saveTarget(file, 'ci', undefined)
    expect(await readTargets(file)).toEqual({ ok: true, value: new Map() })
  })

  test.each([
    ['targets: [', /is not valid YAML/],
    ['targets: {ci: {api: 1, team: main}}', /cannot be read: targets\.ci\.api/],
    ['[]', /cannot be read/],
  ])('%j is refused in words, and stays as it is', async (text, words) => {
    await saveTarget(file, 'ci', target)
    await writeFile(file, text)
    expect(await readTargets(file)).toEqual({ ok: false, error: expect.stringMatching(words) as string })
    expect(await readFile(file, 'utf8')).toBe(text)
  })
})
