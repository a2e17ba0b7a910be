// Brings a fresh clone to the point where Airside runs. Plain JavaScript that Node 20 can run.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { become, run } from './run.mjs'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
const ownNode = join(root, 'node_modules', '.bin', 'node')

/** The Node that runs Airside: the one that the clone brings along, else this one if it is new enough. */
export function airsideNode() {
  if (existsSync(ownNode) && spawnSync(ownNode, ['--version']).status === 0) return ownNode
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 19)) return process.execPath
  throw new Error(`Airside needs Node 22.19 or newer, this is ${process.versions.node}, and none comes with npm for ${process.platform}-${process.arch}: install Node 24`)
}

/** Becomes a program of Airside's; `args`: options of Node, the program's file, and its arguments. Its compiled code is kept for the next start. */
export function becomeAirside(...args) {
  process.env.NODE_COMPILE_CACHE ??= join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'airside', 'node')
  for (const name of ['MALLOC_TRIM_THRESHOLD_', 'MALLOC_MMAP_THRESHOLD_']) process.env[name] ??= '1048576'
  become(airsideNode(), ['--disable-warning=ExperimentalWarning', ...args])
}

/** Packages as the lock file says; nothing when they are there. */
export async function ensurePackages(log) {
  const stamp = join(root, 'node_modules', '.airside-lock')
  const lock = readFileSync(join(root, 'package-lock.json'), 'utf8')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  log('installing packages (npm ci)')
  await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, quiet: true })
  writeFileSync(stamp, lock)
}

/** The supervisor's binaries, built when missing or stale. */
export async function ensureSupervisor(log) {
  const { buildSupervisor } = await import('../build-supervisor.mjs')
  await buildSupervisor({ log })
}

/** The web UI's files, built when missing or stale. */
export async function ensureWeb(log) {
  const { buildWeb } = await import('../build-web.mjs')
  await buildWeb({ log })
}

/** What a container engine needs on Debian and Ubuntu, beside the podman package itself. */
const podmanPackages = ['podman', 'runc', 'conmon', 'netavark', 'aardvark-dns', 'iptables', 'uidmap', 'ca-certificates']

/** A container engine: installs Podman where that can be done, else says how. Whether one answers is found out later. */
export async function ensureEngine(log) {
  if (process.env.DOCKER_HOST || has('podman') || engineSockets().some(isSocket)) return
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !has('apt-get')) return // findEngine says what to install
  await aptInstall(podmanPackages, log)
}

/** The static busybox that the demo's images are made from, where it can be installed. */
export async function ensureBusybox(log) {
  if (!existsSync('/bin/busybox') && process.getuid?.() === 0 && has('apt-get')) await aptInstall(['busybox-static'], log)
}

/** Installs Debian packages; as root only. */
export async function aptInstall(packages, log) {
  log(`installing ${packages.join(' ')} (apt-get)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['-o', 'DPkg::Lock::Timeout=300', 'install', '-y', '-qq', '--no-install-recommends', ...packages]
  await run('apt-get', install, { env, quiet: true }).catch(async () => {
    await run('apt-get', ['-o', 'DPkg::Lock::Timeout=300', 'update', '-qq'], { env, quiet: true })
    await run('apt-get', install, { env, quiet: true })
  })
}

export function has(program) {
  return (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, program)))
}

function engineSockets() {
  const home = process.env.HOME ?? ''
  return ['/var/run/docker.sock', '/run/podman/podman.sock', join(home, '.docker/run/docker.sock'), join(home, '.colima/default/docker.sock')]
}

function isSocket(path) {
  try {
    return statSync(path).isSocket()
  } catch {
    return false
  }
}
