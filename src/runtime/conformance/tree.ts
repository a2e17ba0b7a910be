import { buffer } from 'node:stream/consumers'
import { extract, pack } from 'tar-stream'

/** A small directory tree, by path without a leading slash. */
export type Tree = Readonly<Record<string, TreeEntry>>

export interface TreeEntry {
  readonly type: 'file' | 'directory' | 'symlink' | 'link' | 'other'
  /** Text where it was read. */
  readonly content?: string | Uint8Array
  readonly target?: string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Unix seconds. */
  readonly mtime?: number
}

export const file = (content: string | Uint8Array, more: Partial<TreeEntry> = {}): TreeEntry => ({ type: 'file', content, ...more })

/** A tree as an artifact's tar stream. */
export function tarOf(tree: Tree): Promise<Uint8Array> {
  const tar = pack()
  tar.entry({ name: './', type: 'directory', mode: 0o755, mtime: new Date(0) })
  for (const name of Object.keys(tree).toSorted()) {
    const entry = tree[name] as TreeEntry
    const header = { mode: entry.mode ?? (entry.type === 'directory' ? 0o755 : 0o644), uid: entry.uid ?? 0, gid: entry.gid ?? 0, mtime: new Date((entry.mtime ?? 0) * 1000) }
    switch (entry.type) {
      case 'file':
        tar.entry({ ...header, name }, Buffer.from(entry.content ?? ''))
        break
      case 'directory':
        tar.entry({ ...header, name: `${name}/`, type: 'directory' })
        break
      case 'symlink':
      case 'link':
        tar.entry({ ...header, name, type: entry.type, linkname: entry.target ?? '' })
        break
      case 'other':
        throw new Error('only for what is read')
    }
  }
  tar.finalize()
  return buffer(tar)
}

/** The entries of an artifact's tar stream, without its root. */
export async function treeOf(tar: Uint8Array): Promise<Tree> {
  const tree: Record<string, TreeEntry> = {}
  const reader = extract()
  reader.end(tar)
  for await (const entry of reader) {
    const { name, type, mode, uid, gid, mtime, linkname } = entry.header
    const content = (await buffer(entry)).toString()
    const path = name.replace(/\/$/, '')
    if (path === '.' || path === '') continue
    const facts = { mode: (mode ?? 0) & 0o7777, uid: uid ?? 0, gid: gid ?? 0, mtime: Math.floor((mtime?.getTime() ?? 0) / 1000) }
    if (type === 'file' || type === 'directory' || type === 'symlink' || type === 'link') {
      tree[path] = { type, ...facts, ...(type === 'file' ? { content } : {}), ...(linkname ? { target: linkname } : {}) }
    } else tree[path] = { type: 'other', ...facts }
  }
  return tree
}

/** Paths and contents of a tree's files. */
export const contentsOf = (tree: Tree): Record<string, string> =>
  Object.fromEntries(Object.entries(tree).flatMap(([path, entry]) => (entry.type === 'file' ? [[path, Buffer.from(entry.content ?? '').toString()]] : [])))
