import { expect, test } from 'vitest'
import type { Resource } from '../model/pipeline.ts'
import type { RowChanges } from './ports.ts'
import { tellChanges } from './tell-changes.ts'

const none = { remove: [], rename: [], insert: [], update: [], deactivate: [] }
const changes: RowChanges = { jobs: none, resources: none, types: [], inputs: [], serialGroups: [] }

test('a history that ends, a pin that is replaced and a row that makes room are told', () => {
  const row: Resource = { id: 1, pipelineId: 1, name: 'r', type: 'git', active: true, textHash: 'a', scopeId: 5, pin: { version: { v: '1' }, inConfig: false } }
  const update = [{ id: 1, name: 'r', type: 'git', textHash: 'b', keepsScope: false, pin: { version: { v: '1' }, inConfig: true } }]
  expect(tellChanges({ jobs: [], resources: [row, { ...row, id: 2, name: 'q', active: false }] }, { ...changes, resources: { ...none, remove: [2], update } })).toEqual([
    'the versions of the former resource q are removed: another resource takes its name by old_name',
    'resource r begins a new history of versions, since its type or source is another',
    'resource r is pinned to {"v":"1"}, in place of the pin that was set by hand',
  ])
})
