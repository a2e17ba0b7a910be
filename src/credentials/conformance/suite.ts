import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseReference } from '../../config/vars/reference.ts'
import type { FoundVar, VarScope } from '../../model/var.ts'
import { lookUp } from '../lookup.ts'
import type { SecretManager } from '../manager.ts'

/** Where a secret belongs: to a pipeline of a team, to a team, or to all. */
export type Place = { readonly team: string; readonly pipeline?: string } | 'all'

export interface ManagerUnderTest {
  readonly manager: SecretManager
  /** Puts a secret where the manager looks for it: a text, or a map of fields. */
  put(place: Place, name: string, value: string | Readonly<Record<string, string>>): Promise<void>
  close?(): Promise<void>
}

export interface SuiteOptions {
  readonly open: () => Promise<ManagerUnderTest>
  /** What the manager cannot have. */
  readonly without?: readonly ('secrets of all' | 'teams' | 'folders' | 'fields')[]
  /** The longest secret that its server takes, characters. */
  readonly longest?: number
}

const scope: VarScope = { team: 'main', pipeline: 'pipe', job: 'unit' }

/** What every credential manager does. */
export function describeSecretManager(name: string, { open, without = [], longest = 100_000 }: SuiteOptions): void {
  describe(`credential manager: ${name}`, () => {
    let world: ManagerUnderTest
    beforeAll(async () => {
      world = await open()
    })
    afterAll(async () => {
      await world.manager.close?.()
      await world.close?.()
    })
    const get = (text: string, of: VarScope = scope): Promise<FoundVar> => {
      const reference = parseReference(text)
      if (!reference.ok) throw new Error(reference.error.reason)
      return lookUp(world.manager, reference.value, of)
    }
    const found = (value: unknown) => ({ kind: 'found', value, secret: true })
    const has = (what: (typeof without)[number]) => !without.includes(what)
    // A test that does not apply is left out: a skipped one would count as one that could not run here.
    const where = (what: (typeof without)[number]) => (title: string, run: () => Promise<void>) => void (has(what) && test(title, run))
    const [teams, fields, folders] = [where('teams'), where('fields'), where('folders')]
    const shared = has('secrets of all')
    const team: Place = has('teams') ? { team: 'main' } : 'all'

    test('gives a secret as it is, and marks it as one', async () => {
      await world.put(team, 'token', 'p@ss "word"\\ é€😀 %2F ((x))')
      expect(await get('token')).toMatchObject(found('p@ss "word"\\ é€😀 %2F ((x))'))
    })

    test('says of what is not there that it is missing', async () => {
      expect(await get('nothing-of-that-name')).toEqual({ kind: 'missing' })
      expect(await get('nothing-of-that-name.field')).toEqual({ kind: 'missing' })
    })

    test('keeps the lines of a secret', async () => {
      await world.put(team, 'key', '-----BEGIN KEY-----\nline one\n\nline two\n-----END KEY-----')
      expect(await get('key')).toMatchObject(found('-----BEGIN KEY-----\nline one\n\nline two\n-----END KEY-----'))
    })

    test('gives a long secret whole', async () => {
      await world.put(team, 'long', 'x'.repeat(longest))
      const answer = await get('long')
      expect(answer.kind === 'found' && typeof answer.value === 'string' ? answer.value.length : answer).toBe(longest)
    })

    fields('gives the fields of a secret, and all of them', async () => {
      await world.put(team, 'database', { user: 'ann', password: 'hunter2' })
      expect(await get('database.user')).toMatchObject(found('ann'))
      expect(await get('database.password')).toMatchObject(found('hunter2'))
      expect(await get('database')).toMatchObject(found({ user: 'ann', password: 'hunter2' }))
      expect(await get('database.port')).toMatchObject({ kind: 'missing-field', field: 'port' })
      expect(await get('database.user.first')).toMatchObject({ kind: 'not-a-map', field: 'first' })
    })

    teams('asks at the pipeline, then at the team, then for all', async () => {
      for (const secret of ['one', 'two', 'three']) {
        if (shared) await world.put('all', secret, 'of all')
        if (secret !== 'three') await world.put({ team: 'main' }, secret, 'of the team')
        if (secret === 'one') await world.put({ team: 'main', pipeline: 'pipe' }, secret, 'of the pipeline')
      }
      expect(await get('one')).toMatchObject(found('of the pipeline'))
      expect(await get('two')).toMatchObject(found('of the team'))
      expect(await get('three')).toMatchObject(shared ? found('of all') : { kind: 'missing' })
      expect(await get('one', { team: 'main' })).toMatchObject(found('of the team'))
    })

    teams('gives no team what belongs to another, however its pipelines are called', async () => {
      await world.put({ team: 'other' }, 'theirs', 'hunter2')
      await world.put({ team: 'other', pipeline: 'pipe' }, 'deep', 'hunter3')
      for (const pipeline of ['pipe', '../other', '..', '../../other/pipe', '%2e%2e', 'x/../../other', '..%2fother', '.', '?', '#', '\\..\\other', '']) {
        for (const name of ['theirs', 'deep', '"../other/theirs"', '"other/theirs"', '"pipe/deep"', '"other/pipe/deep"', '"..\\other\\theirs"']) {
          const answer = await get(name, { team: 'main', pipeline })
          expect(JSON.stringify(answer), `${name} of ${pipeline}`).not.toContain('hunter')
        }
      }
      for (const name of ['..', '.', 'oth', '../concourse/other', 'other/', 'other#', 'other?']) expect(JSON.stringify(await get('theirs', { team: name })), name).not.toContain('hunter')
    })

    folders('has secrets in folders of the team', async () => {
      await world.put(team, 'folder/inside', 'found it')
      expect(await get('folder/inside')).toMatchObject(found('found it'))
      expect(await get('"folder/inside"')).toMatchObject(found('found it'))
    })

    test('answers many at once', async () => {
      await world.put(team, 'many', 'x')
      const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => get(i % 2 === 0 ? 'many' : `none-${i}`)))
      expect(answers.filter(({ kind }) => kind === 'found')).toHaveLength(100)
      expect(answers.filter(({ kind }) => kind === 'missing')).toHaveLength(100)
    })
  })
}
