import { expect, test } from 'vitest'
import { Redactor } from '../lib/redactor.ts'
import type { Vars } from '../model/var.ts'
import { createRunState } from '../steps/run-state.ts'
import { resolveVars } from './interpolate.ts'

const ofBuild: Vars = {
  get: ({ source, path }) => Promise.resolve(source === undefined && path === 'name' ? { kind: 'found', value: 'global', secret: false } : { kind: 'missing' }),
}
const context = () => ({ vars: ofBuild, redactor: new Redactor() })

test('a local var is seen in its scope and below it, not beside or above it', async () => {
  const root = createRunState()
  root.addLocalVar('outer', { value: 'o', secret: false })
  const [left, right] = [root.scope(), root.scope()]
  left.addLocalVar('inner', { value: { field: 'i' }, secret: false })
  left.addLocalVar('outer', { value: 'shadowed', secret: false })
  expect(await resolveVars(context(), left, '((.:outer)) ((.:inner.field)) ((name))')).toEqual({ ok: true, value: 'shadowed i global' })
  expect(await resolveVars(context(), right, '((.:outer)) ((.:inner.field))')).toEqual({ ok: false, error: 'undefined vars: .:inner.field' })
  expect(await resolveVars(context(), root, ['((.:outer))', '((.:name))'])).toEqual({ ok: false, error: 'undefined vars: .:name' })
})

test('a secret local var is taken out of the log, one that is revealed is not', async () => {
  const at = context()
  const state = createRunState()
  state.addLocalVar('token', { value: { password: 'hunter2-hunter2' }, secret: true })
  state.addLocalVar('tag', { value: 'v1.2.3-shown', secret: false })
  await resolveVars(at, state, { a: '((.:token))', b: '((.:tag))' })
  expect(at.redactor.redact('hunter2-hunter2 v1.2.3-shown')).toBe('((redacted)) v1.2.3-shown')
})
