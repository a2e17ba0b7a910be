import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { createKit } from '../../src/runtime/conformance/kit.ts'
import { createDialPod } from '../../src/runtime/kubernetes/client/port-forward.ts'
import { loadAccess } from '../../src/runtime/kubernetes/index.ts'
import { listenPort, paths, tokenAudience } from '../../src/runtime/kubernetes/layout.ts'
import { secureClient } from '../../src/supervision/testing/dial-home.ts'
import { clusterReason, startCluster, type Cluster } from '../cluster/cluster.ts'
import { beginsTlsAndNoMore, neighbourIsRefused, openRelays, record, replay, sayHello, type Recording, type Relays } from '../e2e/faults/unauthorised-connections.ts'
import { openServerBehind, type ServerBehind } from '../e2e/faults/server-behind.ts'
import { until } from '../services/wait.ts'
import { kubernetesHarness, type KubernetesHarness } from './harness.ts'

const reason = await clusterReason()

interface World {
  readonly server: ServerBehind
  readonly harness: KubernetesHarness
  readonly kit: ReturnType<typeof createKit>
  readonly recordings: readonly Recording[]
}

async function openWorld(transport: 'home' | 'tunnel', hostAddress: string): Promise<World> {
  const server = await openServerBehind(systemClock, hostAddress)
  const recordings = record(server.proxy)
  const harness = await kubernetesHarness({ options: { rendezvous: server.rendezvous, transport } })
  return { server, harness, kit: createKit(harness), recordings }
}

describe.skipIf(reason !== undefined)(`unauthorised connections on a cluster${reason === undefined ? '' : ` (${reason})`}`, () => {
  let cluster: Cluster
  let home: World
  let tunnel: World
  let relays: Relays
  beforeAll(async () => {
    // The servers listen on an address of the cluster's network: it is there first.
    cluster = await startCluster()
    relays = await openRelays()
    home = await openWorld('home', cluster.hostAddress)
    tunnel = await openWorld('tunnel', cluster.hostAddress)
  })
  afterAll(async () => {
    relays.stop()
    for (const { kit, harness, server } of [home, tunnel]) {
      await kit.clean()
      await harness.stop()
      await server.stop()
    }
    await cluster.stop()
  })

  const facts = async ({ harness }: World, handle: string) => {
    const pod = await until('the pod', async () => harness.pod(handle))
    return { uid: pod.metadata.uid, name: pod.metadata.name }
  }
  // A kubelet writes it down when the supervisor may have come long before.
  const addressOf = ({ harness }: World) => (handle: string) =>
    until('an address', async () => ((await harness.pod(handle))?.status as { podIP?: string } | undefined)?.podIP)

  test("a neighbour's pod does not reach the port that a supervisor listens on", async () => {
    await neighbourIsRefused(tunnel.kit, addressOf(tunnel), listenPort)
  })

  test('a process of the same pod that dials the supervisor gets the beginning of TLS and no more', async () => {
    await beginsTlsAndNoMore(tunnel.kit, relays, cluster.hostAddress, listenPort)
  })

  /** A step that goes on until it is told, while something is done to its connection. */
  async function during({ kit, harness, recordings }: World, work: (handle: string, recording: Recording) => Promise<void>): Promise<void> {
    const before = recordings.length
    const container = await kit.prepare()
    const recording = recordings[before]
    if (recording === undefined) throw new Error('nothing was recorded')
    const run = kit.start(container, kit.assignment('echo ready; until test -e /tmp/go; do sleep 0.05; done; echo went on'))
    await run.collected.until(/ready/)
    const connections = recordings.length
    await work(container.handle, recording)
    await harness.faults.inside(container.handle, 'touch /tmp/go')
    expect((await run.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(run.collected.stdout).toBe('ready\nwent on\n')
    // Had anybody taken what was replayed, this connection would have been replaced.
    expect({ open: recording.open, connections: recordings.length }).toEqual({ open: true, connections })
  }

  test('what a supervisor said is worth nothing when it is said to the server again', async () => {
    await during(home, async (_handle, recording) => {
      expect(Buffer.concat(recording.supervisor).length).toBeGreaterThan(500)
      await replay(connect(home.server.port, cluster.hostAddress), recording.supervisor)
    })
  })

  test('what the server said is worth nothing when it is said to a supervisor again', async () => {
    await during(tunnel, async (handle, recording) => {
      const access = loadAccess({ kubeconfig: tunnel.harness.namespace.kubeconfig })
      const { name } = await facts(tunnel, handle)
      const dialled = await createDialPod(access, tunnel.harness.namespace.name)(name, listenPort, new AbortController().signal)
      if (!dialled.ok) throw new Error(dialled.error.message)
      expect(Buffer.concat(recording.server).length).toBeGreaterThan(500)
      const answer = await replay(dialled.value, recording.server)
      await access.close()
      // A ClientHello, and an alert: what the first one got is longer.
      expect(answer.length).toBeLessThan(Buffer.concat(recording.supervisor).length)
      expect(answer.includes(handle)).toBe(false)
    })
  })

  test("a neighbour's pod is refused that says it is another, with whatever it has", async () => {
    const { harness, kit, server } = home
    const claims: { readonly container: string; readonly uid: string; readonly proof: object; readonly reason: RegExp }[] = []
    const neighbour = await kit.prepare()
    const its = await facts(home, neighbour.handle)
    const token = (await harness.faults.inside(neighbour.handle, `cat ${paths.token}/token`)).trim()
    // One whose supervisor has not come yet: there is something to take.
    const wanted = kit.spec({ image: harness.images.stalled })
    const abort = new AbortController()
    let come = false
    const victim = kit.tryPrepare(wanted, { signal: abort.signal }).finally(() => (come = true))
    const { uid } = await facts(home, wanted.handle)
    const sameAccount = (await harness.cluster.kubectl(['create', 'token', 'airside-step', '-n', harness.namespace.name, '--audience', tokenAudience('conformance')])).trim()
    claims.push(
      { container: wanted.handle, uid, proof: { token }, reason: /the token is not good: the token is another pod's/ },
      { container: wanted.handle, uid, proof: { token: sameAccount }, reason: /the token is not good: the token is another pod's/ },
      { container: wanted.handle, uid, proof: { token: `${token.slice(0, -8)}AAAAAAAA` }, reason: /the token is not good: the token's signature is wrong/ },
      { container: wanted.handle, uid, proof: { first: true }, reason: /a token is needed/ },
      { container: wanted.handle, uid, proof: { session: 'x'.repeat(43) }, reason: /not the session of this container/ },
      { container: wanted.handle, uid: its.uid, proof: { token }, reason: /another container of this name is expected/ },
      { container: neighbour.handle, uid: its.uid, proof: { token }, reason: /the session key is needed: this container has reported in before/ },
      { container: 'nobody', uid, proof: { token }, reason: /this container is not expected/ },
    )
    const script = claims.map(() => relays.join(cluster.hostAddress, `${cluster.hostAddress} ${server.port}`)).join('\n')
    const run = kit.start(neighbour, kit.assignment(script))
    for (const { reason: why, ...hello } of claims) {
      const stream = await secureClient(await relays.next(), server.key.pin)
      expect(await sayHello(stream, hello)).toMatchObject({ type: 'refused', reason: expect.stringMatching(why) as string })
      stream.destroy()
    }
    expect((await run.result()).outcome.kind).toBe('exited')
    expect(come).toBe(false)
    abort.abort()
    expect(await victim).toEqual({ ok: false, error: { kind: 'aborted' } })
  })
})
