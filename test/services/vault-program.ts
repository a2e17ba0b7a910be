import { createHash } from 'node:crypto'
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findGo, goVersion } from '../../scripts/lib/go.mjs'
import { run } from './command.ts'
import { withLock } from './lock.ts'

const source = join(import.meta.dirname, 'programs', 'vault')

/** Why Vault cannot be built on this machine, in one line; undefined when it can. */
export async function vaultReason(): Promise<string | undefined> {
  try {
    await findGo({ install: false })
    return process.platform === 'linux' ? undefined : 'Vault for tests is built on Linux only'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Builds Vault from Go modules unless the cache has it (programs/vault: a server in memory), and gives its path. Minutes when cold. */
export async function buildVault(log: (line: string) => void = () => undefined): Promise<string> {
  const go = await findGo({ log })
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'airside', 'test-vault')
  const program = join(folder, `vault-${await fingerprint(go)}`)
  if (await exists(program)) return program
  await withLock(join(folder, 'build.lock'), log, async () => {
    if (await exists(program)) return
    await mkdir(folder, { recursive: true })
    log('building Vault from Go modules (once, minutes)')
    const building = `${program}.building`
    const args = ['-n', '10', go, 'build', '-trimpath', '-buildvcs=false', '-mod=readonly', '-ldflags', '-s -w', '-o', building, '.']
    const { code, stderr } = await run('nice', args, { cwd: source, env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '', GOWORK: 'off' } })
    if (code !== 0) {
      await rm(building, { force: true })
      throw new Error(`building Vault failed:\n${stderr.trim().split('\n').slice(-20).join('\n')}`)
    }
    await rename(building, program)
    log('built Vault')
  })
  return program
}

async function fingerprint(go: string): Promise<string> {
  const hash = createHash('sha256').update(`${await goVersion(go)} ${process.arch}`)
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(`\0${file}\0`).update(await readFile(join(source, file)))
  return hash.digest('hex').slice(0, 12)
}

const exists = (file: string): Promise<boolean> => access(file).then(() => true, () => false)
