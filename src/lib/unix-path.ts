import { open } from 'node:fs/promises'
import { join } from 'node:path'

/** Systems differ; this is what all of them take. */
const longest = 100

/** Gives an address for the socket `<dir>/<name>`: theirs are at most 107 bytes long, and data folders have long names. */
export async function withUnixAddress<T>(dir: string, name: string, use: (address: string) => Promise<T>): Promise<T> {
  const path = join(dir, name)
  if (Buffer.byteLength(path) <= longest || process.platform !== 'linux') return use(path)
  const folder = await open(dir)
  try {
    return await use(`/proc/self/fd/${folder.fd}/${name}`)
  } finally {
    await folder.close()
  }
}
