import { createHash } from 'node:crypto'
import { chmod, copyFile, mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pack } from 'tar-stream'
import { supervisorPath } from './container-body.ts'

export interface SupervisorFile {
  /** Holds the binary and nothing else, to be mounted into containers. */
  readonly folder: string
  /** The binary at its place, as a tar of a container's root: for engines that mount nothing of ours. Made once. */
  readonly archive: () => Promise<Buffer>
}

/** One folder per content in the data folder: containers with an older version keep theirs. */
export async function openSupervisor(binary: string, data: string): Promise<SupervisorFile> {
  const bytes = await readFile(binary)
  const folder = join(data, 'supervisor', createHash('sha256').update(bytes).digest('hex').slice(0, 16))
  const path = join(folder, 'airside-supervisor')
  const there = await stat(path).then(
    () => true,
    () => false,
  )
  if (!there) {
    await mkdir(folder, { recursive: true })
    const half = `${path}.${process.pid}`
    await copyFile(binary, half)
    await chmod(half, 0o755)
    await rename(half, path)
  }
  // A container with users of its own reads it as nobody.
  await chmod(folder, 0o755)
  let archive: Promise<Buffer> | undefined
  return { folder, archive: () => (archive ??= makeArchive(path)) }
}

async function makeArchive(path: string): Promise<Buffer> {
  const tar = pack()
  tar.entry({ name: supervisorPath.slice(1), mode: 0o755 }, await readFile(path))
  tar.finalize()
  return buffer(tar)
}
