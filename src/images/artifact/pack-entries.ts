import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pack, type Header } from 'tar-stream'
import { toError } from '../../lib/errors.ts'
import { InvalidImage } from './invalid-image.ts'
import { insidePath, shown, type TarEntry } from './tar-entries.ts'

/** An entry on its way into another tar, with the content it gets there. */
export interface Moved {
  readonly entry: TarEntry
  /** Its path there. */
  readonly path: string
  /** For hard links: the path there of what it is a link to. */
  readonly target?: string
  readonly content?: AsyncIterable<Uint8Array>
}

/** Entries as a tar stream, in their order and byte for byte the same for the same entries. */
export function packEntries(entries: AsyncIterable<Moved>): Readable {
  const out = pack()
  const work = async (): Promise<void> => {
    for await (const moved of entries) await add(out, moved)
    out.finalize()
  }
  work().catch((error: unknown) => out.destroy(toError(error)))
  const tar = Readable.from(out, { objectMode: false })
  // A stream that is never read would keep its source open.
  tar.once('close', () => out.destroy())
  return tar
}

async function add(out: ReturnType<typeof pack>, { entry, path, target, content }: Moved): Promise<void> {
  const header = movedHeader(entry, path, target)
  if (header.type === 'file' && (header.size ?? 0) > 0) return pipeline(content ?? entry.content, out.entry(header))
  await new Promise<void>((resolve, reject) => {
    // A size of zero is no stream for tar-stream: written as a buffer it ends at once.
    const done = (error?: Error | null): void => (error ? reject(error) : resolve())
    if (header.type === 'file') out.entry(header, Buffer.alloc(0), done)
    else out.entry(header, done)
  })
}

function movedHeader({ header }: TarEntry, path: string, target: string | undefined): Header {
  if (path.includes('\ufffd') || header.linkname?.includes('\ufffd')) throw new InvalidImage(`the name of ${shown(path)} is not UTF-8`)
  const { mode, mtime } = header
  const pax = (header.pax ?? {}) as Readonly<Record<string, string>>
  // Numbers that are too large for the old fields; a path in them would be the one before it was moved.
  const large = Object.fromEntries(['uid', 'gid'].flatMap((key) => (pax[key] === undefined ? [] : [[key, pax[key]]])))
  const base = {
    mode, mtime,
    uid: header.uid, gid: header.gid, uname: '', gname: '', size: 0,
    ...(Object.keys(large).length > 0 && { pax: large }),
  }
  switch (header.type) {
    case 'file':
    case 'contiguous-file':
      return { ...base, name: path, type: 'file', size: header.size } as Header
    case 'directory':
      return { ...base, name: `${path}/`, type: 'directory' } as Header
    case 'symlink':
      return { ...base, name: path, type: 'symlink', linkname: header.linkname } as Header
    case 'link':
      return { ...base, name: path, type: 'link', linkname: target ?? insidePath(header.linkname ?? '', 'the archive') } as Header
    case 'fifo':
      return { ...base, name: path, type: 'fifo' } as Header
    default:
      throw new InvalidImage(`its ${shown(path)} is a ${header.type ?? 'thing of an unknown kind'}`)
  }
}
