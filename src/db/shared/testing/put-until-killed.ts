/** A program for shared-index.test.ts: saves caches and versions without end, and says each that is saved. */
import { SharedResourceCaches } from '../shared-caches.ts'
import { openSharedIndex } from '../shared-index.ts'
import { SharedVersions } from '../shared-versions.ts'

const [data = '', name = ''] = process.argv.slice(2)
const index = await openSharedIndex(data)
const [caches, versions] = [new SharedResourceCaches(index), new SharedVersions(index)]
for (let count = 0; ; count++) {
  const ref = `${name} ${count}`
  await caches.put(ref, { artifact: { digest: `sha256:${'a'.repeat(64)}`, size: count }, version: { ref }, metadata: [] }, 1)
  await versions.save('s', [{ ref: 'same' }, { ref }])
  process.stdout.write(`${ref}\n`)
}
