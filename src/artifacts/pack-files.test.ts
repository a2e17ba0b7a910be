import { mkdtemp, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { packDirectory } from './pack.ts'
import { packFiles } from './pack-files.ts'

test('files that were never on a disk are packed as a directory of them is', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'airside-pack-'))
  const files = new Map([['input', '{}\n'], ['epoch', '1'], ['timestamp', 'x'.repeat(513)]])
  // A fraction of a second is written in another way than whole seconds.
  for (const at of [1_514_808_000_000, 1_514_808_000_125]) {
    for (const [name, text] of files) {
      await writeFile(join(folder, name), text, { mode: 0o644 })
      await utimes(join(folder, name), at / 1000, at / 1000)
    }
    await utimes(folder, at / 1000, at / 1000)
    const packed = await buffer(packDirectory(folder))
    // The directory's own owner and mode are those of whoever runs this test.
    const owned = withoutOwners(packed)
    expect(withoutOwners(Buffer.from(packFiles(files, at))).equals(owned), String(at)).toBe(true)
  }
})

/** Sets mode, owner and checksum of each ustar header to zeros. */
function withoutOwners(archive: Buffer): Buffer {
  const copy = Buffer.from(archive)
  for (let at = 0; at < copy.length; at += 512) if (copy.toString('latin1', at + 257, at + 262) === 'ustar') for (const [from, length] of [[100, 24], [148, 8]] as const) copy.fill(0, at + from, at + from + length)
  return copy
}
