import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../../lib/errors.ts'

/** Folders for images on their way, in a folder that several processes may share; what a killed one has left is removed. */
export async function openStaging(root: string): Promise<{ make(): Promise<string> }> {
  await mkdir(root, { recursive: true, mode: 0o700 })
  for (const name of await readdir(root)) {
    const [pid, ...host] = name.split('-').slice(0, -1)
    if (host.join('-') === here && !isAlive(Number(pid))) await rm(join(root, name), { recursive: true, force: true })
  }
  return { make: () => mkdtemp(join(root, `${process.pid}-${here}-`)) }
}

const here = hostname()

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
