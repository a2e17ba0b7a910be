import { writeFile } from 'node:fs/promises'
import { must, run } from '../services/command.ts'
import { API_PORT, API_SERVICE_ADDRESS, BRIDGE, BRIDGE_MAC, HOST_ADDRESS, IPTABLES_CHAIN, POD_RANGE } from './settings.ts'

/** Every rule of ours, as table, chain and words; those of single tests stand in our own chain. */
const rules: readonly (readonly [table: string, chain: string, ...words: string[]])[] = [
  ['nat', 'POSTROUTING', '-s', POD_RANGE, '!', '-d', POD_RANGE, '-j', 'MASQUERADE'],
  // No kube-proxy: the one service that pods may want is the API server's.
  ['nat', 'PREROUTING', '-i', BRIDGE, '-d', API_SERVICE_ADDRESS, '-p', 'tcp', '--dport', '443', '-j', 'DNAT', '--to-destination', `${HOST_ADDRESS}:${API_PORT}`],
  // Where Docker has set FORWARD to DROP, pods would reach nobody.
  ['filter', 'FORWARD', '-i', BRIDGE, '-j', 'ACCEPT'],
  ['filter', 'FORWARD', '-o', BRIDGE, '-j', 'ACCEPT'],
  ['filter', 'INPUT', '-i', BRIDGE, '-j', IPTABLES_CHAIN],
  ['filter', 'OUTPUT', '-o', BRIDGE, '-j', IPTABLES_CHAIN],
]

export async function createNetwork(): Promise<void> {
  await must('ip', ['link', 'add', BRIDGE, 'type', 'bridge'])
  // A bridge without an address of its own takes that of a port: when that pod goes, the others reach the host no more
  // until their neighbour tables notice, 5 to 30 s later.
  await must('ip', ['link', 'set', BRIDGE, 'address', BRIDGE_MAC])
  await must('ip', ['address', 'add', `${HOST_ADDRESS}/16`, 'dev', BRIDGE])
  await must('ip', ['link', 'set', BRIDGE, 'up'])
  await writeFile('/proc/sys/net/ipv4/ip_forward', '1')
  await iptables('-t', 'filter', '-N', IPTABLES_CHAIN)
  for (const [table, chain, ...words] of rules) await iptables('-t', table, '-I', chain, ...words)
}

/** Removes whatever of ours is there, also half of it. */
export async function removeNetwork(): Promise<void> {
  for (const [table, chain, ...words] of rules) await run('iptables', ['-w', '-t', table, '-D', chain, ...words])
  await run('iptables', ['-w', '-t', 'filter', '-F', IPTABLES_CHAIN])
  await run('iptables', ['-w', '-t', 'filter', '-X', IPTABLES_CHAIN])
  if (await bridgeExists()) await must('ip', ['link', 'delete', BRIDGE])
}

export async function bridgeExists(): Promise<boolean> {
  return (await run('ip', ['link', 'show', BRIDGE])).code === 0
}

/** Bridges of container engines that need forwarding as well. */
export async function otherBridges(): Promise<string[]> {
  const { stdout } = await run('ip', ['-brief', 'link', 'show', 'type', 'bridge'])
  return stdout.split('\n').map((line) => line.split(/\s+/)[0] ?? '').filter((name) => name !== '' && name !== BRIDGE)
}

export async function iptables(...words: string[]): Promise<void> {
  await must('iptables', ['-w', ...words])
}
