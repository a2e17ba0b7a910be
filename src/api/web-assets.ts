import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'
import { iconsOf, type Icons } from './web-icons.ts'

/** The web UI as vite built it, read once: later changes of the folder are not served. */
export interface WebAssets {
  /** By path below the root: `assets/index-B7d1.js`. */
  readonly files: ReadonlyMap<string, WebAsset>
  /** Of resources. */
  readonly icons: Icons
}

export interface WebAsset {
  readonly type: string
  readonly bytes: Buffer
  readonly br?: Buffer
  readonly gzip?: Buffer
  readonly etag: string
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Undefined: the folder has no index.html, since the UI was not built. Files of other types than a page has (source maps) are left out. */
export async function readWebAssets(folder: string): Promise<WebAssets | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const names = new Set(entries.filter((entry) => entry.isFile()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')))
  if (!names.has('index.html')) return undefined
  const files = new Map<string, WebAsset>()
  for (const name of names) {
    const type = types[extname(name)]
    if (type === undefined) continue
    const packed = (extension: string) => (names.has(`${name}${extension}`) ? readFile(join(folder, `${name}${extension}`)) : undefined)
    const [bytes, br, gzip] = await Promise.all([readFile(join(folder, name)), packed('.br'), packed('.gz')])
    const etag = `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 20)}"`
    files.set(name, { type, bytes, etag, ...(br && { br }), ...(gzip && { gzip }) })
  }
  return { files, icons: iconsOf(join(folder, 'icons.tsv')) }
}
