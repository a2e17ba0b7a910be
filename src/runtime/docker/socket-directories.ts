import { createHash } from 'node:crypto'
import { chmod, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Folders with one container's home socket each, mounted into that container alone. The same handle always has the same folder. */
export interface SocketDirectories {
  make(handle: string): Promise<string>
  remove(handle: string): Promise<void>
}

export function createSocketDirectories(data: string): SocketDirectories {
  // 0700: no other user of this machine may reach a container's socket. In the container the folder is a mount of its own.
  const base = join(data, 'homes')
  const ready = mkdir(base, { recursive: true, mode: 0o700 })
  ready.catch(() => undefined)
  const folder = (handle: string): string => join(base, createHash('sha256').update(handle).digest('hex').slice(0, 20))
  return {
    async make(handle) {
      await ready
      await mkdir(folder(handle), { recursive: true })
      // A container with users of its own enters it as nobody.
      await chmod(folder(handle), 0o755)
      return folder(handle)
    },
    remove: (handle) => rm(folder(handle), { recursive: true, force: true }),
  }
}
