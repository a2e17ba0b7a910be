import { buildsSuite } from '../../db/conformance/builds.suite.ts'
import { MemoryStore, memoryScope } from './memory-store.ts'

buildsSuite({
  name: 'builds in memory',
  fresh: async () => {
    const builds = new MemoryStore()
    return {
      builds,
      another: async () => builds,
      scope: memoryScope,
      events: async (id) => (builds.rows.get(id)?.events ?? []).map((event, index) => ({ id: index, ...event })),
    }
  },
})
