import { rm } from 'node:fs/promises'
import { killCgroups, processes, removeCgroups } from './cgroups.ts'
import { bridgeExists, otherBridges, removeNetwork } from './network.ts'
import { removeFolders } from './node-namespace.ts'
import { otherStates, removeState, type State } from './state.ts'
import { restoreSysctls } from './sysctls.ts'

/**
 * Takes a cluster down, a whole one as well as what a killed start has left.
 * Nobody is asked: every process is in the cluster's cgroup, every mount in its
 * own namespace, every address in the state folder.
 */
export async function takeDown(state: State | undefined): Promise<void> {
  await killCgroups()
  await removeCgroups()
  await removeNetwork()
  // The kernel's settings and the mount points are everybody's: the last one puts them back.
  if (state !== undefined && (await otherStates()).length === 0) {
    // Docker or Podman may run by now and need forwarding.
    const keep = (await otherBridges()).length > 0 ? ['net/ipv4/ip_forward'] : []
    await restoreSysctls(state.sysctls, keep)
    await removeFolders(state.madeFolders)
  }
  if (state !== undefined) await rm(state.dir, { recursive: true, force: true })
  await removeState()
}

/** What of a cluster is on the machine, told for a person and for tests; empty when nothing is. */
export async function remains(): Promise<string[]> {
  const pids = await processes()
  return [
    ...pids.map((pid) => `process ${pid}`),
    ...((await bridgeExists()) ? ['bridge'] : []),
  ]
}
