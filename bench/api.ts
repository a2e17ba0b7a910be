import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

// Each part in a process of its own: what one leaves in the heap says nothing about the other.
for (const part of ['api-events.ts', 'api-requests.ts']) {
  const [code] = (await once(fork(join(import.meta.dirname, part)), 'exit')) as [number | null]
  if (code !== 0) process.exitCode = code ?? 1
}
