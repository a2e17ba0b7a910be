import { HOST_ADDRESS, IPTABLES_CHAIN } from './settings.ts'
import { iptables } from './network.ts'

export interface Cut {
  /** TCP port on the host; every port when absent. */
  readonly port?: number
  /** Only this pod's address; every pod when absent. */
  readonly pod?: string
  /** `silence` swallows packets both ways, so that connections stay half open; `reset` answers each packet of a pod with RST. */
  readonly how?: 'silence' | 'reset'
}

/**
 * Cuts pods off from the host, live connections too, until the returned function is called.
 * NetworkPolicies are not enforced by the bridge plugin; this makes "pods cannot dial the host" real.
 */
export async function cutPodsFromHost({ port, pod, how = 'silence' }: Cut): Promise<() => Promise<void>> {
  const from = pod === undefined ? [] : ['-s', pod]
  const to = pod === undefined ? [] : ['-d', pod]
  const inbound = [...from, '-d', HOST_ADDRESS, '-p', 'tcp', ...(port === undefined ? [] : ['--dport', `${port}`])]
  const outbound = [...to, '-s', HOST_ADDRESS, '-p', 'tcp', ...(port === undefined ? [] : ['--sport', `${port}`])]
  const mark = ['-m', 'comment', '--comment', `cut-${crypto.randomUUID().slice(0, 8)}`]
  const cuts = how === 'silence'
    ? [[...inbound, ...mark, '-j', 'DROP'], [...outbound, ...mark, '-j', 'DROP']]
    : [[...inbound, ...mark, '-j', 'REJECT', '--reject-with', 'tcp-reset']]
  for (const cut of cuts) await iptables('-I', IPTABLES_CHAIN, ...cut)
  let open = true
  return async () => {
    if (!open) return
    open = false
    for (const cut of cuts) await iptables('-D', IPTABLES_CHAIN, ...cut)
  }
}
