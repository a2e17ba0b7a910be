import { access } from 'node:fs/promises'
import { isInstalled, must, run } from './command.ts'
import { withLock } from './lock.ts'

/** Something the machine must have, and the Debian package that brings it. */
export interface Need {
  readonly package: string
  /** A program on PATH or, when it begins with a slash, a file. */
  readonly proof: string
}

type Log = (line: string) => void

async function missing(needs: readonly Need[]): Promise<string[]> {
  const absent: string[] = []
  for (const need of needs) {
    const there = need.proof.startsWith('/')
      ? await access(need.proof).then(() => true, () => false)
      : await isInstalled(need.proof)
    if (!there) absent.push(need.package)
  }
  return absent
}

async function canInstall(): Promise<boolean> {
  return process.getuid?.() === 0 && (await isInstalled('apt-get'))
}

/** Why the needs cannot be met on this machine, as one line with the command to run; undefined when they are or can be. */
export async function packagesReason(needs: readonly Need[]): Promise<string | undefined> {
  const absent = await missing(needs)
  if (absent.length === 0 || (await canInstall())) return undefined
  return `missing: ${absent.join(', ')} (on Debian or Ubuntu: sudo apt-get install ${absent.join(' ')})`
}

/** Installs what is missing; throws with one line when it cannot. */
export async function ensurePackages(needs: readonly Need[], log: Log): Promise<void> {
  if ((await missing(needs)).length === 0) return
  const reason = await packagesReason(needs)
  if (reason !== undefined) throw new Error(reason)
  await withLock('/tmp/airside-apt.lock', log, async () => {
    const absent = await missing(needs)
    if (absent.length === 0) return
    log(`installing ${absent.join(' ')}`)
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
    // Two programs may want dpkg at once: apt waits for its own lock.
    const install = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '-qq', '--no-install-recommends', ...absent]
    if ((await run('apt-get', install, { env })).code === 0) return
    await run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', 'update', '-qq'], { env })
    await must('apt-get', install, { env })
  })
}
