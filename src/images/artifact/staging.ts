import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf } from '../../lib/errors.ts'

/** Folders for images on their way, in a folder that several processes may share; what a killed one has left is removed. */
export async function openStaging(root: string): Promise<{ make(): Promise<string> }> {
  await mkdir(root, { recursive: true, mode: 0o700 })
  for (const name of await readdir(root)) if (isLeftover(name)) await rm(join(root, name), { recursive: true, force: true })
  return { make: () => mkdtemp(join(root, ownPrefix)) }
}

const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, '_')
const startedAt = Math.round(Date.now() - process.uptime() * 1000)
const ownPrefix = `${host}-${process.pid}-${startedAt}-`

/** Of a process of this machine that is gone. In containers each one may have the same number. */
function isLeftover(name: string): boolean {
  const [of, pid] = name.split('-')
  if (of !== host || !/^\d+$/.test(pid ?? '')) return false
  return Number(pid) === process.pid ? !name.startsWith(ownPrefix) : !isAlive(Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) === 'EPERM'
  }
}
