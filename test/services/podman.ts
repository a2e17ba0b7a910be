import { mkdtemp, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Agent, request } from 'undici'
import { keepBridgeAddress } from './bridge-address.ts'
import { must, run, type CommandOptions, type Outcome } from './command.ts'
import { startDaemon, stopDaemon, untilUp } from './daemon.ts'
import { identify } from './identity.ts'
import { ensurePackages, packagesReason, type Need } from './packages.ts'
import { withLock } from './lock.ts'
import { configurePodman, type PodmanConfig } from './podman-config.ts'
import { makeBaseChains, podmanFolderPrefix, podmanLock, recordedPodmans, recordPodman, removePodman, sweepPodmans, type PodmanRecord } from './podman-leftovers.ts'

export interface PodmanOptions {
  /** Registries that speak plain HTTP; default: all ports of 127.0.0.1. */
  readonly insecure?: readonly string[]
  readonly log?: (line: string) => void
}

export interface Podman {
  /** Path of the unix socket that answers the Docker Engine API. */
  readonly socket: string
  /** "unix:///…", as DOCKER_HOST has it. */
  readonly dockerHost: string
  readonly dir: string
  /** The podman program on the same containers and images; its standard output. */
  podman(args: readonly string[], options?: CommandOptions): Promise<string>
  /** The service alone, killed and started again: containers live on. */
  restart(): Promise<void>
  /** Ends every container and removes all traces. */
  stop(): Promise<void>
}

const needs: readonly Need[] = [
  { package: 'podman', proof: 'podman' },
  { package: 'runc', proof: 'runc' },
  { package: 'netavark', proof: '/usr/lib/podman/netavark' },
  { package: 'iptables', proof: 'iptables' },
  { package: 'iproute2', proof: 'ip' },
]

/** Why Podman cannot run on this machine, in one line; undefined when it can. */
export async function podmanReason(): Promise<string | undefined> {
  if (process.platform !== 'linux') return `it runs on Linux, this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'the tests start a Podman of their own as root'
  return packagesReason(needs)
}

/** Starts a container engine with storage, network and configuration of its own. */
export async function startPodman(options: PodmanOptions = {}): Promise<Podman> {
  const { insecure = ['127.0.0.1'], log = () => undefined } = options
  await ensurePackages(needs, log)
  const { dir, flags, env, record } = await withLock(podmanLock, log, () => claim(insecure))
  const { bridge } = record
  const socket = join(dir, 'podman.sock')
  const leaveBridge = keepBridgeAddress(bridge, '02:a1:51:de:01:01')

  // A mount namespace that one sleeping process keeps: overlay and netns mounts stay inside and go with it. So do Podman's locks,
  // in /dev/shm: a Podman that starts frees all that it finds there, those of another one as well.
  const keeper = await startDaemon({
    name: 'mount namespace',
    program: 'unshare',
    args: ['--mount', '--propagation', 'slave', 'sh', '-c', 'mount --make-rshared / && mount -t tmpfs -o mode=1777 shm /dev/shm && exec tail -f /dev/null', `${dir}/keeper`],
    logFile: join(dir, 'keeper.log'),
    tied: true,
  })
  const inside = (args: readonly string[]) => [`--mount=/proc/${keeper.pid}/ns/mnt`, '--', 'podman', ...flags, ...args]
  await untilUp(keeper, async () => (await readFile(`/proc/${keeper.pid}/cmdline`, 'utf8')).startsWith('tail'))

  const start = async () => {
    const service = await startDaemon({
      name: 'podman system service',
      program: 'nsenter',
      args: inside(['system', 'service', '--time=0', `unix://${socket}`]),
      env,
      logFile: join(dir, 'podman.log'),
      tied: true,
    })
    await untilUp(service, () => pings(socket))
    return service
  }
  let service = await start()
  const podman = (args: readonly string[], more?: CommandOptions): Promise<Outcome> => run('nsenter', inside(args), { ...more, env })
  return {
    socket,
    dockerHost: `unix://${socket}`,
    dir,
    podman: (args, more) => must('nsenter', inside(args), { ...more, env }),
    restart: async () => {
      await stopDaemon(service, 'SIGKILL')
      service = await start()
    },
    stop: async () => {
      // Through podman first: it gives back addresses and firewall rules.
      await podman(['rm', '--all', '--force', '--time', '0'], { timeout: 30_000 })
      leaveBridge()
      await stopDaemon(service, 'SIGKILL')
      await stopDaemon(keeper, 'SIGKILL')
      await withLock(podmanLock, log, () => removePodman(dir, record))
    },
  }
}

/** A folder and a network for one more Podman, on record before anything of it exists. */
async function claim(insecure: readonly string[]): Promise<PodmanConfig & { readonly dir: string; readonly record: PodmanRecord }> {
  await sweepPodmans()
  const taken = (await recordedPodmans()).map(({ record }) => record.bridge)
  const dir = await mkdtemp(join(tmpdir(), podmanFolderPrefix))
  const config = await configurePodman(dir, insecure, taken)
  const forwarding = (await readFile('/proc/sys/net/ipv4/ip_forward', 'utf8')).trim()
  const record = { owner: await identify(process.pid), bridge: config.bridge, forwarding }
  await recordPodman(dir, record)
  await makeBaseChains()
  return { ...config, dir, record }
}

/** Whether an engine answers on a unix socket. */
async function pings(socket: string): Promise<boolean> {
  const dispatcher = new Agent({ connect: { socketPath: socket } })
  try {
    const answer = await request('http://engine/_ping', { dispatcher })
    return (await answer.body.text()) === 'OK'
  } catch {
    return false
  } finally {
    await dispatcher.close()
  }
}
