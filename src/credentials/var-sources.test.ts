import { describe, expect, test } from 'vitest'
import type { VarSourceConfig } from '../model/config.ts'
import type { Json } from '../model/json.ts'
import type { Vars } from '../model/var.ts'
import { parseReference } from '../config/vars/reference.ts'
import { noVarSourcePorts } from './testing/open.ts'
import { makeVarSource } from './make-manager.ts'
import { noAccess } from './options.ts'
import { VarSources } from './var-sources.ts'

const others: Vars = { get: ({ path }) => Promise.resolve(path === 'plain' ? { kind: 'found', value: 'p', secret: true } : { kind: 'missing' }) }
const dummy = (name: string, vars: Json): VarSourceConfig => ({ name, type: 'dummy', config: { vars } })

function world(sources: readonly VarSourceConfig[], scope = { team: 'main', pipeline: 'p' }) {
  const made: Json[] = []
  const vars = new VarSources({
    sources, scope, others,
    managerOf(type, config) {
      made.push(config)
      return makeVarSource(type, config, noAccess, noVarSourcePorts)
    },
  })
  const get = (text: string) => {
    const reference = parseReference(text)
    if (!reference.ok) throw new Error(reference.error.reason)
    return vars.get(reference.value)
  }
  return { get, made }
}

describe('var sources of a pipeline', () => {
  test('answer for their own vars, as secrets, with fields; other vars are asked elsewhere', async () => {
    const { get } = world([dummy('d', { key: 'k', user: { name: 'ann', 'full.name': 'Ann A' } })])
    expect(await get('d:key')).toMatchObject({ kind: 'found', value: 'k', secret: true })
    expect(await get('d:user.name')).toMatchObject({ kind: 'found', value: 'ann', secret: true })
    expect(await get('d:user."full.name"')).toMatchObject({ value: 'Ann A' })
    expect(await get('d:none')).toEqual({ kind: 'missing' })
    expect(await get('d:key.x')).toMatchObject({ kind: 'not-a-map', field: 'x' })
    expect(await get('d:user.x')).toMatchObject({ kind: 'missing-field', field: 'x' })
    expect(await get('plain')).toMatchObject({ value: 'p' })
  })

  test('a var of the pipeline goes before one of the team, and that before one of all', async () => {
    const { get } = world([dummy('d', { 'main/p/own': 'pipeline', 'main/own': 'team', own: 'all', 'main/both': 'team', both: 'all', 'other/x': 'not ours' })])
    expect(await get('d:own')).toMatchObject({ value: 'pipeline' })
    expect(await get('d:both')).toMatchObject({ value: 'team' })
    expect(await get('d:x')).toEqual({ kind: 'missing' })
  })

  test('a reference to a source that is not there names it', async () => {
    expect(await world([dummy('d', {})]).get('e:x.y')).toEqual({ kind: 'missing-source', name: 'e:x.y', source: 'e' })
    expect(await world([]).get('e:plain')).toMatchObject({ kind: 'missing-source' })
  })

  test('a var that a source lacks is not looked for elsewhere', async () => {
    expect(await world([dummy('d', {})]).get('d:plain')).toEqual({ kind: 'missing' })
  })

  test('a config takes vars from other sources and from elsewhere, whatever their order', async () => {
    const { get, made } = world([dummy('a', { up: '((plain))-((b:key))' }), dummy('b', { key: '((c:key))' }), dummy('c', { key: 'k' })])
    expect(await get('a:up')).toMatchObject({ kind: 'found', value: 'p-k', secret: true })
    made.length = 0
    await get('a:up')
    expect(made).toEqual([{ vars: { up: 'p-k' } }])
  })

  test('sources that wait for each other fail, and so do those behind them', async () => {
    const { get } = world([dummy('a', { x: '((b:x))' }), dummy('b', { x: '((a:x))' }), dummy('self', { x: '((self:x))' }), dummy('behind', { x: '((a:x))' })])
    for (const source of ['a', 'b', 'self']) expect(await get(`${source}:x`), source).toMatchObject({ kind: 'failed', message: `var source \`${source}\`: its config needs a var of its own` })
    expect(await get('behind:x')).toMatchObject({ kind: 'failed', message: 'var source `behind`: var a:x could not be read: var source `a`: its config needs a var of its own' })
  })

  test('a config whose var is missing is filled in anew at the next look-up', async () => {
    const later: VarSourceConfig[] = [dummy('a', { x: '((b:x))' })]
    const { get } = world(later)
    expect(await get('a:x')).toMatchObject({ kind: 'failed', message: expect.stringContaining("missing source 'b'") as string })
    later.push(dummy('b', { x: '1' }))
    expect(await get('a:x')).toMatchObject({ value: '1' })
  })

  test('a config that is wrong, or of a type that is not known, fails without its values', async () => {
    const { get } = world([{ name: 'd', type: 'dummy', config: 'hunter2' }, { name: 'n', type: 'nowhere', config: { token: 'hunter2' } }])
    expect(await get('d:x')).toEqual({ kind: 'failed', name: 'd:x', message: 'var source `d`: the config of a var source is a map' })
    expect(await get('n:x')).toMatchObject({ kind: 'failed', message: expect.stringContaining('`nowhere`') as string })
  })
})
