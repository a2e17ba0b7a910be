import { Readable } from 'node:stream'
import { packFiles } from './pack-files.ts'
import { readArtifactFile } from './read-file.ts'
import type { ArtifactStore } from './store.ts'
import type { ArtifactFiles } from '../engine/ports.ts'
import { fail, ok } from '../model/result.ts'

export function artifactFiles(store: ArtifactStore): ArtifactFiles {
  return {
    async readFile(digest, path, limit) {
      const read = await readArtifactFile(store, { digest, path, limit })
      if (read.ok) return read
      switch (read.error.kind) {
        case 'missing':
          return fail({ kind: 'not-found' })
        case 'too-large':
          return fail({ kind: 'too-large', message: read.error.message })
        case 'no-artifact':
        case 'not-a-file':
        case 'outside':
          return fail({ kind: 'unreadable', message: read.error.message })
      }
    },
    async writeFiles(files, at) {
      const put = await store.put(Readable.from([packFiles(files, at)]))
      return put.ok ? ok(put.value) : fail(put.error.message)
    },
  }
}
