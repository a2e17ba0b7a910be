import { Readable } from 'node:stream'
import type { Header } from 'tar-stream'
import { archiveIndex, namelessArchiveIndex } from './docker-archive.ts'
import { layoutIndex, namelessLayoutIndex } from './layout-image.ts'
import type { Moved } from './pack-entries.ts'
import type { TarEntries } from './tar-entries.ts'

/** The file that describes an archive's image: docker's manifest.json, or the index.json of an OCI layout. */
export interface ImageIndex {
  readonly kind: 'archive' | 'layout'
  readonly bytes: Buffer
}

/** Files that can give images names; of all of them one is left, and it is written anew. */
const naming = new Set([archiveIndex, layoutIndex, 'repositories'])

/**
 * The entries of an image archive, with an index of our own that names the same image and gives it no name. An engine that loads the
 * archive as it stands would give its image every name that the archive wishes for, and take those names from the user's images.
 */
export function withoutNames(entries: TarEntries, index: ImageIndex): AsyncIterable<Moved> {
  switch (index.kind) {
    case 'archive':
      return withIndex(entries, archiveIndex, namelessArchiveIndex(index.bytes), 'oci-layout')
    case 'layout':
      return withIndex(entries, layoutIndex, namelessLayoutIndex(index.bytes))
  }
}

async function* withIndex(entries: TarEntries, name: string, json: object, left?: string): AsyncIterable<Moved> {
  for await (const entry of entries()) {
    const [top = ''] = entry.path.split('/')
    // Whatever kind of entry it is: a link of that name leads to another file that is read as the index.
    if (entry.path !== '' && !naming.has(top) && top !== left) yield { entry, path: entry.path }
  }
  const bytes = Buffer.from(JSON.stringify(json))
  const header = { name, type: 'file', size: bytes.length, mode: 0o644, uid: 0, gid: 0, mtime: new Date(0) } as Header
  yield { entry: { path: name, header, content: Readable.from([bytes]) }, path: name }
}
