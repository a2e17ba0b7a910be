import { expect, test } from 'vitest'
import type { Vars } from '../../model/var.ts'
import { describeVarError, interpolate } from './interpolate.ts'
import { staticVars } from './lookup.ts'
import { formatReference } from './reference.ts'
import { withVars } from './with-vars.ts'

function asked(vars: Parameters<typeof staticVars>[0]): Vars & { readonly names: string[] } {
  const lookup = staticVars(vars, { secret: true })
  const names: string[] = []
  return {
    names,
    get: (reference) => {
      names.push(formatReference(reference))
      return Promise.resolve(lookup(reference))
    },
  }
}

test('each var is fetched once, however often it is used', async () => {
  const vars = asked({ a: 'x', b: { c: '1' } })
  const filled = await withVars(vars, (lookup) => interpolate(['((a))', '((a))/((b.c))', '((b.c))'], lookup))
  expect(filled).toEqual({ ok: true, value: { value: ['x', 'x/1', '1'], secrets: new Set(['x', '1']) } })
  expect(vars.names).toEqual(['a', 'b.c'])
})

test('vars that a value of a var leads to are fetched too', async () => {
  const vars = asked({ first: 'second', second: 'found' })
  const read = await withVars(vars, (lookup) => {
    const first = lookup({ path: 'first', fields: [] })
    const next = first.kind === 'found' ? lookup({ path: String(first.value), fields: [] }) : first
    return next.kind === 'found' ? next.value : undefined
  })
  expect(read).toBe('found')
})

test('missing vars and a var source that cannot be asked are errors', async () => {
  const failing: Vars = { get: ({ path }) => Promise.resolve(path === 'down' ? { kind: 'failed', name: 'vault:down', message: 'vault answered 503' } : { kind: 'missing' }) }
  const missing = await withVars(failing, (lookup) => interpolate('((a))((b))', lookup))
  expect(missing.ok ? '' : describeVarError(missing.error)).toBe('undefined vars: a, b')
  const down = await withVars(failing, (lookup) => interpolate('((vault:down))', lookup))
  expect(down.ok ? '' : describeVarError(down.error)).toBe('var vault:down could not be read: vault answered 503')
})
