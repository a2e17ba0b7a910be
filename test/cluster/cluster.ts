import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { must, run, type CommandOptions, type Outcome } from '../services/command.ts'
import { identify, type Identity } from '../services/identity.ts'
import { withLock } from '../services/lock.ts'
import { ensurePackages } from '../services/packages.ts'
import { readAccessLog, type RegistryAccess } from '../services/registry-access.ts'
import { buildPrograms } from './build.ts'
import { trustRegistry, type RegistryTrust } from './containerd.ts'
import { remains, takeDown } from './down.ts'
import { stateFolder } from './folders.ts'
import { clusterNeeds, clusterReason } from './host.ts'
import { inNamespaceOf, makeMountPoints } from './node-namespace.ts'
import { clusterPrograms } from './recipe.ts'
import { HOST_ADDRESS, LOCK_FILE } from './settings.ts'
import { liveUsers, otherStates, problemsOf, readState, writeState, type State } from './state.ts'
import { readSysctls } from './sysctls.ts'
import { bringUp } from './up.ts'

export { clusterReason } from './host.ts'
export { cutPodsFromHost, type Cut } from './cut.ts'

export interface ClusterOptions {
  /** Where a new cluster keeps everything; default: under the XDG state folder. */
  readonly dir?: string
  readonly log?: (line: string) => void
  /** For a person: it stays up when this process ends, until taken down. */
  readonly keep?: boolean
}

export interface Cluster {
  /** The administrator's kubeconfig file. */
  readonly kubeconfig: string
  readonly dir: string
  /** Somebody else had started it. */
  readonly joined: boolean
  /** Where pods reach the host. */
  readonly hostAddress: string
  /** The registry that the node trusts over plain HTTP. */
  readonly registry: ClusterRegistry
  /** Processes of the daemons: etcd, kube-apiserver, kubelet, containerd, … */
  readonly daemons: Readonly<Record<string, Identity>>
  /** Path of the kubectl that was built with the cluster. */
  readonly kubectlProgram: string
  /** kubectl as administrator; its standard output. Throws when it fails. */
  kubectl(args: readonly string[], options?: CommandOptions): Promise<string>
  /** The same, giving exit status and both outputs. */
  tryKubectl(args: readonly string[], options?: CommandOptions): Promise<Outcome>
  /** containerd's ctr in the kubelet's namespace. */
  ctr(args: readonly string[]): Promise<string>
  /** Lets the node pull from a further registry, from the next pull on. */
  trust(host: string, trust: RegistryTrust): Promise<void>
  /** Gives the cluster up; the last who uses it takes it down, unless it is kept. */
  stop(): Promise<void>
}

export interface ClusterRegistry {
  /** "127.0.0.1:5000" */
  readonly host: string
  readonly url: string
  accessLog(): Promise<RegistryAccess[]>
}

/** Starts the test cluster, or joins the one that runs on this machine. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { dir = stateFolder(), log = () => undefined, keep = false } = options
  const reason = await clusterReason()
  if (reason !== undefined) throw new Error(`no test cluster here: ${reason}`)
  await ensurePackages(clusterNeeds, log)
  // Minutes when cold: not under the lock.
  const programs = await buildPrograms(clusterPrograms, log)
  const me = await identify(process.pid)
  const run = await testRun()
  const users = keep ? [] : [me]

  return withLock(LOCK_FILE, log, async () => {
    const state = await readState()
    if (state?.running !== undefined && (await isUsable(state))) {
      log('a test cluster runs already: joining it')
      await writeState({ ...state, kept: state.kept || keep, users: withRun([...(await liveUsers(state)), ...users], run) })
      return handle(state.dir, state.running, true)
    }
    if (state !== undefined || (await remains()).length > 0) {
      log('removing what an earlier test cluster has left')
      await takeDown(state)
    }
    await rm(dir, { recursive: true, force: true })
    await mkdir(dir, { recursive: true, mode: 0o700 })
    // Before anything is changed: a killed start is taken down by this record.
    const [other] = await otherStates()
    const made = await makeMountPoints()
    const fresh: State = { dir, sysctls: other?.sysctls ?? (await readSysctls()), madeFolders: other?.madeFolders ?? made, kept: keep, users: withRun(users, run) }
    await writeState(fresh)
    try {
      const running = await bringUp(dir, programs, log)
      await writeState({ ...fresh, running })
      return handle(dir, running, false)
    } catch (error) {
      await takeDown(fresh)
      throw error
    }
  })
}

/** Takes down whatever runs, whoever uses it; false when there was nothing. */
export async function stopCluster(log: (line: string) => void = () => undefined): Promise<boolean> {
  return withLock(LOCK_FILE, log, async () => {
    const state = await readState()
    if (state === undefined && (await remains()).length === 0) return false
    await takeDown(state)
    return true
  })
}

export type ClusterStatus =
  | { readonly kind: 'down' }
  | { readonly kind: 'up'; readonly kubeconfig: string; readonly registry: string; readonly kept: boolean; readonly users: number }
  | { readonly kind: 'broken'; readonly problems: readonly string[] }

export async function clusterStatus(): Promise<ClusterStatus> {
  const state = await readState()
  if (state === undefined) {
    const left = await remains()
    return left.length === 0 ? { kind: 'down' } : { kind: 'broken', problems: left.map((what) => `left over: ${what}`) }
  }
  if (state.running === undefined) return { kind: 'broken', problems: ['it is starting, or its start was interrupted'] }
  const problems = await problemsOf(state.running)
  if (problems.length > 0) return { kind: 'broken', problems }
  const { kubeconfig, registryHost } = state.running
  const users = (await liveUsers(state)).length
  if (users === 0 && !state.kept) return { kind: 'broken', problems: ['a test run that was killed has left it; the next start replaces it'] }
  return { kind: 'up', kubeconfig, registry: registryHost, kept: state.kept, users }
}

async function isUsable(state: State): Promise<boolean> {
  if (state.running === undefined || (await problemsOf(state.running)).length > 0) return false
  return state.kept || (await liveUsers(state)).length > 0
}

function handle(dir: string, running: NonNullable<State['running']>, joined: boolean): Cluster {
  const { kubeconfig, registryHost, accessLog, programs, daemons } = running
  const env = (extra?: NodeJS.ProcessEnv) => ({ ...process.env, ...extra, KUBECONFIG: kubeconfig })
  const kubectl = join(programs['kubernetes'] ?? '', 'kubectl')
  let stopped = false
  return {
    kubeconfig,
    dir,
    joined,
    hostAddress: HOST_ADDRESS,
    daemons,
    kubectlProgram: kubectl,
    registry: { host: registryHost, url: `http://${registryHost}`, accessLog: () => readAccessLog(accessLog) },
    kubectl: (args, options) => must(kubectl, args, { ...options, env: env(options?.env) }),
    tryKubectl: (args, options) => run(kubectl, args, { ...options, env: env(options?.env) }),
    ctr: (args) => {
      const [program, ...words] = inNamespaceOf(daemons['containerd']?.pid ?? 0, [join(programs['containerd'] ?? '', 'ctr'), '--namespace', 'k8s.io', ...args])
      return must(program, words)
    },
    trust: (host, trust) => trustRegistry(dir, host, trust),
    stop: async () => {
      if (stopped) return
      stopped = true
      await leaveCluster()
    },
  }
}

/** The process that AIRSIDE_TEST_RUN names: a run whose files, each in a process of its own, share the cluster. */
async function testRun(): Promise<Identity | undefined> {
  const pid = Number(process.env['AIRSIDE_TEST_RUN'])
  return pid > 0 ? identify(pid) : undefined
}

function withRun(users: readonly Identity[], run: Identity | undefined): Identity[] {
  return run === undefined || users.some(({ pid }) => pid === run.pid) ? [...users] : [...users, run]
}

/** Gives up what the files of this process's run have left running for each other. */
export async function leaveCluster(): Promise<void> {
  await withLock(LOCK_FILE, () => undefined, async () => {
    const state = await readState()
    if (state === undefined) return
    const live = await liveUsers(state)
    // One process may use it twice: one entry goes per stop.
    const mine = live.findIndex(({ pid }) => pid === process.pid)
    if (mine === -1) return
    const users = live.filter((_, index) => index !== mine)
    if (users.length === 0 && !state.kept) await takeDown(state)
    else await writeState({ ...state, users })
  })
}
