import { Readable } from 'node:stream'
import { extract } from 'tar-stream'
import { shortest } from './tree.ts'

export interface MatchingFile {
  /** From the archive's root. */
  readonly path: string
  readonly size: number
  /** Undefined: it is larger than what `take` allowed. In a buffer of its own. */
  readonly content: Uint8Array | undefined
}

/** Reads the files of an archive whose paths match, in one pass. `take`: whether so many bytes of the file are wanted. Links are no files. */
export async function* matchingFiles(archive: AsyncIterable<Uint8Array>, matches: (path: string) => boolean, take: (size: number) => boolean): AsyncGenerator<MatchingFile> {
  const source = Readable.from(archive)
  const tar = extract()
  source.on('error', (error) => tar.destroy(error))
  source.pipe(tar)
  try {
    for await (const entry of tar) {
      const { type, name, size = 0 } = entry.header
      const path = shortest(name)
      if ((type !== 'file' && type !== 'contiguous-file') || !matches(path)) {
        entry.resume()
      } else if (!take(size)) {
        entry.resume()
        yield { path, size, content: undefined }
      } else {
        const content = new Uint8Array(size)
        let at = 0
        for await (const chunk of entry as AsyncIterable<Uint8Array>) {
          content.set(chunk, at)
          at += chunk.length
        }
        yield { path, size, content }
      }
    }
  } finally {
    source.destroy()
    tar.destroy()
  }
}
