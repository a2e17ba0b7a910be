import { Readable } from 'node:stream'
import { extract, type Header } from 'tar-stream'
import { fail, ok, type Result } from '../model/result.ts'

export interface TreeEntry {
  readonly type: 'file' | 'dir' | 'link'
  /** Of a file's content; 0 for the others. */
  readonly size: number
  readonly mode: number
  /** Unix ms. */
  readonly mtime: number
  /** What a symbolic link names. */
  readonly target?: string
  /** Of a file: which entry of the archive has its content, from 0; a hard link has that of the file that it names. */
  readonly at?: number
}

/** Folders, by their paths (the root is ''), with what is in them. */
export type Tree = ReadonlyMap<string, ReadonlyMap<string, TreeEntry>>

export interface TreeBounds {
  readonly entries: number
  /** Of names and link targets together. */
  readonly characters: number
}

/** As of Linux. */
const longestPath = 4_096

const impliedFolder: TreeEntry = { type: 'dir', size: 0, mode: 0o755, mtime: 0 }

/** Reads what an archive holds, to its end. Names are only looked at: nothing is written, so that `..` is a name as any other. */
export async function readTree(archive: AsyncIterable<Uint8Array>, bounds: TreeBounds): Promise<Result<Tree, string>> {
  const tree = new Map<string, Map<string, TreeEntry>>([['', new Map()]])
  const left = { ...bounds }
  const put = (path: string, entry: TreeEntry): void => {
    const cut = path.lastIndexOf('/')
    const [folder, name] = [cut < 0 ? '' : path.slice(0, cut), path.slice(cut + 1)]
    if (!tree.has(folder)) put(folder, impliedFolder)
    tree.get(folder)?.set(name, entry)
    if (entry.type === 'dir' && !tree.has(path)) tree.set(path, new Map())
    left.entries -= 1
    left.characters -= path.length + (entry.target?.length ?? 0)
  }
  const source = Readable.from(archive)
  const tar = extract()
  source.on('error', (error) => tar.destroy(error))
  source.pipe(tar)
  let at = 0
  try {
    for await (const entry of tar) {
      const path = shortest(entry.header.name)
      const read = entryOf(entry.header, at++, tree)
      if (path.length > longestPath) return fail(`it has a path of more than ${longestPath} characters: its files are not listed`)
      if (path !== '' && read !== undefined) put(path, read)
      if (left.entries < 0 || left.characters < 0) return fail(`it has more than ${bounds.entries} files and folders, or their names are too long: they are not listed`)
      entry.resume()
    }
    return ok(tree)
  } finally {
    source.destroy()
    tar.destroy()
  }
}

function entryOf({ type, size = 0, mode = 0, mtime, linkname }: Header, at: number, tree: Tree): TreeEntry | undefined {
  const common = { size: 0, mode: mode & 0o7777, mtime: mtime?.getTime() ?? 0 }
  switch (type) {
    case 'file':
    case 'contiguous-file':
      return { ...common, type: 'file', size, at }
    case 'directory':
      return { ...common, type: 'dir' }
    case 'symlink':
      return { ...common, type: 'link', target: linkname ?? '' }
    case 'link':
      return entryAt(tree, linkname ?? '')
    default:
      return undefined
  }
}

/** Undefined: there is nothing of this name. */
export function entryAt(tree: Tree, path: string): TreeEntry | undefined {
  const whole = shortest(path)
  const cut = whole.lastIndexOf('/')
  return whole === '' ? impliedFolder : tree.get(cut < 0 ? '' : whole.slice(0, cut))?.get(whole.slice(cut + 1))
}

/** Without `.` and slashes that say nothing. */
export const shortest = (path: string): string => path.split('/').filter((part) => part !== '' && part !== '.').join('/')
