import { expect, test } from 'vitest'
import type { JsonObject } from '../model/json.ts'
import type { Plan } from '../model/plan.ts'
import { fail, ok } from '../model/result.ts'
import { decodeStoredBuild, encodeStoredBuild, type StoredBuild } from './stored-build.ts'

const plan: Plan = { id: '1', kind: 'do', do: [] }
const digest = `sha256:${'0'.repeat(64)}` as const

test('a stored build is read as it was written', () => {
  const full: StoredBuild = {
    plan,
    vars: { vars: ['a=b'], yamlVars: ['c={d: 1}'], files: [{ file: 'vars.yml', text: 'e: f' }] },
    varSources: [{ name: 'd', type: 'dummy', config: { vars: { a: 'b' } } }],
    revealed: ['a'],
    secrets: ['hunter2'],
    artifacts: { repo: { digest, size: 3 } },
    runtime: { kind: 'docker' },
  }
  for (const build of [full, { plan, varSources: [] }]) expect(decodeStoredBuild(encodeStoredBuild(build))).toEqual(ok(build))
})

test.each<[string, JsonObject, string]>([
  ['no plan', { plan: null }, 'plan'],
  ['vars that are no list', { vars: { vars: 'hunter2=hunter2' } }, 'vars.vars: must be an array'],
  ['a file of vars without text', { vars: { files: [{ file: 'hunter2.yml' }] } }, 'vars.files.0.text: '],
  ['a var source that is a text', { varSources: ['hunter2'] }, 'varSources.0: '],
  ['secrets that are no texts', { secrets: [{ hunter2: 1 }] }, 'secrets.0: '],
  ['an artifact with another digest', { artifacts: { repo: { digest: 'hunter2', size: 1 } } }, 'artifacts.repo.digest: must be a digest'],
  ['a size that is no number', { artifacts: { repo: { digest, size: 'hunter2' } } }, 'artifacts.repo.size: '],
  ['a runtime that is a text', { runtime: 'hunter2' }, 'runtime: '],
])('a stored build with %s is refused, with the place and without the value', (_what, wrong, words) => {
  const decoded = decodeStoredBuild({ ...encodeStoredBuild({ plan, varSources: [] }), ...wrong })
  expect(decoded).toEqual(fail(expect.stringContaining(words)))
  expect(JSON.stringify(decoded)).not.toContain('hunter2')
})

test('lists are bounded', () => {
  const revealed = (count: number) => decodeStoredBuild({ plan: { id: '1', do: [] }, revealed: Array<string>(count).fill('x') })
  expect(revealed(100_000)).toMatchObject({ ok: true })
  expect(revealed(100_001)).toEqual(fail('revealed: must have at most 100000 elements'))
})
