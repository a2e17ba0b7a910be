import { once } from 'node:events'
import { buffer } from 'node:stream/consumers'
import { pack, type Header } from 'tar-stream'
import { expect, test } from 'vitest'
import type { ArtifactDigest } from '../model/artifact.ts'
import { ArtifactBrowser } from './browse.ts'

const digest: ArtifactDigest = `sha256:${'0'.repeat(64)}`

/** A store of one archive, which counts how often it is opened. */
async function storeOf(entries: readonly (Partial<Header> & { readonly name: string; readonly content?: string })[]) {
  const tar = pack()
  for (const { content, ...header } of entries) tar.entry({ mode: 0o644, mtime: new Date(5_000), ...header }, content ?? '')
  tar.finalize()
  const bytes = await buffer(tar)
  const store = {
    opened: 0,
    gone: false,
    has: () => Promise.resolve(store.gone ? undefined : bytes.length),
    open: () => {
      store.opened++
      return Promise.resolve(store.gone ? undefined : { size: bytes.length, stream: (async function* () { for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700) })() })
    },
  }
  return store
}

async function contentOf(browser: ArtifactBrowser, path: string, from = 0, length?: number): Promise<string> {
  const file = await browser.file(digest, path)
  if (!file.ok) return `${file.error.kind}: ${file.error.message}`
  const chunks: Uint8Array[] = []
  for await (const chunk of file.value.read(from, length ?? file.value.size)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

test('folders are listed by name, a page at a time, and an archive is read once', async () => {
  const store = await storeOf([{ name: './', type: 'directory' }, ...['c', 'a', 'b'].map((name) => ({ name: `deep/er/${name}`, content: name })), { name: 'link', type: 'symlink', linkname: '/etc/passwd' }, { name: 'deep/hard', type: 'link', linkname: 'deep/er/a' }, { name: 'pipe', type: 'fifo' }])
  const browser = new ArtifactBrowser(store)
  const names = async (folder: string, after?: string, limit = 2) => {
    const page = await browser.list(digest, folder, { limit, ...(after !== undefined && { after }) })
    return page.ok ? page.value.map(({ name, type }) => `${type} ${name}`) : page.error.kind
  }
  expect([await names(''), await names('/deep/'), await names('deep/er'), await names('deep/er', 'b'), await names('deep/er', 'c')]).toEqual([['dir deep', 'link link'], ['dir er', 'file hard'], ['file a', 'file b'], ['file c'], []])
  expect([await names('deep/er/a'), await names('nowhere')]).toEqual(['missing', 'missing'])
  expect(await browser.list(digest, 'deep', { limit: 1, after: 'er' })).toEqual({ ok: true, value: [{ name: 'hard', type: 'file', size: 1, mode: 0o644, mtime: 5_000, at: 2 }] })
  expect(store.opened).toBe(1)
  expect(await contentOf(browser, 'deep/hard')).toBe('a')
  expect([await contentOf(browser, 'link'), await contentOf(browser, 'deep'), await contentOf(browser, 'x')]).toEqual([expect.stringContaining('symbolic link'), 'refused: it is a folder', expect.stringContaining('missing')])
})

test('names are data: dots, newlines, backslashes, what orders text', async () => {
  const names = ['../out', '..', 'a\nb', 'a\\..\\b', '\u202efdp.exe', ' ', 'über', '__proto__/x']
  const browser = new ArtifactBrowser(await storeOf(names.map((name) => ({ name, content: name }))))
  for (const name of names.filter((one) => one !== '..')) expect(await contentOf(browser, name)).toBe(name)
})

test('a part of a file, however its bytes are cut, and the last of entries with one name', async () => {
  const text = Array.from({ length: 500 }, (_, index) => `line ${index}\n`).join('')
  const browser = new ArtifactBrowser(await storeOf([{ name: 'log', content: 'old' }, { name: 'other', content: 'x'.repeat(2_000) }, { name: 'log', content: text }]))
  expect(await contentOf(browser, 'log')).toBe(text)
  for (const [from, length] of [[0, 1], [699, 3], [1_234, 2_000], [text.length - 1, 1]] as const) expect(await contentOf(browser, 'log', from, length)).toBe(text.slice(from, from + length))
})

test('a file of a gigabyte is read no further ahead than it is taken', async () => {
  const size = 1024 ** 3
  const [tar, piece] = [pack(), Buffer.alloc(256 * 1024)]
  tar.entry({ name: 'large', size })
  const [header] = (await once(tar, 'data')) as [Buffer]
  let given = 0
  const stream = async function* () {
    yield await Promise.resolve(header)
    for (given = 0; given < size; given += piece.length) yield piece
    yield Buffer.alloc(1_024)
  }
  const file = await new ArtifactBrowser({ has: () => Promise.resolve(size), open: () => Promise.resolve({ size, stream: stream() }) }).file(digest, 'large')
  if (!file.ok) throw new Error(file.error.message)
  let [taken, ahead] = [0, 0]
  for await (const part of file.value.read(0, size)) {
    taken += part.length
    ahead = Math.max(ahead, given - taken)
  }
  expect(taken).toBe(size)
  expect(ahead).toBeLessThanOrEqual(8 * 1024 * 1024)
})

test('an archive with too much in it is refused, one that is gone or damaged is gone', async () => {
  const entries = ['a', 'b', 'c'].map((name) => ({ name, content: name }))
  const list = async (browser: ArtifactBrowser) => {
    const page = await browser.list(digest, '', { limit: 10 })
    return page.ok ? page.value.length : page.error.kind
  }
  expect(await list(new ArtifactBrowser(await storeOf(entries), { entries: 3, characters: 3 }))).toBe(3)
  expect(await list(new ArtifactBrowser(await storeOf(entries), { entries: 2, characters: 3 }))).toBe('refused')
  expect(await list(new ArtifactBrowser(await storeOf(entries), { entries: 3, characters: 2 }))).toBe('refused')
  expect(await list(new ArtifactBrowser(await storeOf([{ name: 'x/'.repeat(2_048) }])))).toBe(1)
  expect(await list(new ArtifactBrowser(await storeOf([{ name: 'x/'.repeat(2_050) }])))).toBe('refused')
  const store = await storeOf(entries)
  store.gone = true
  const browser = new ArtifactBrowser(store)
  expect([await list(browser), await browser.has(digest)]).toEqual(['gone', false])
  store.gone = false
  expect([await list(browser), await browser.has(digest)]).toEqual([3, true])
  const damaged = { has: () => Promise.resolve(1), open: () => Promise.resolve({ size: 600, stream: (async function* () { yield await Promise.resolve(Buffer.alloc(600, 7)) })() }) }
  expect(await list(new ArtifactBrowser(damaged))).toBe('gone')
})
