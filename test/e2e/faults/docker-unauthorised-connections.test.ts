import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/clock.ts'
import { createKit } from '../../../src/runtime/conformance/kit.ts'
import { supervisorPath } from '../../../src/runtime/docker/container-body.ts'
import { dockerHarness, type DockerHarness } from '../../../src/runtime/docker/testing/docker-harness.ts'
import { podmanReason } from '../../services/podman.ts'
import { beginsTlsAndNoMore, neighbourIsRefused, openRelays, record, replay, sayHello, type Recording, type Relays } from './unauthorised-connections.ts'
import { openServerBehind, type ServerBehind } from './server-behind.ts'

const reason = await podmanReason()
/** Where supervisors listen for what exec brings. */
const listenPort = 7077
const gateway = `$(ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p')`

describe.skipIf(reason !== undefined)(`unauthorised connections on docker${reason === undefined ? '' : ` (${reason})`}`, () => {
  let harness: DockerHarness
  let server: ServerBehind
  let recordings: readonly Recording[]
  let relays: Relays
  const kits: ReturnType<typeof createKit>[] = []
  beforeAll(async () => {
    relays = await openRelays()
    harness = await dockerHarness()
    server = await openServerBehind(systemClock)
    recordings = record(server.proxy)
    for (const transport of ['socket', 'exec'] as const) {
      const runtime = await harness.another({ rendezvous: server.rendezvous, installation: `connections-${transport}`, transport })
      kits.push(createKit({ ...harness, runtime }))
    }
  })
  afterAll(async () => {
    relays.stop()
    for (const kit of kits) await kit.clean()
    await server.stop()
    await harness.stop()
  })
  const kitOf = (transport: 'socket' | 'exec') => {
    const kit = kits[transport === 'socket' ? 0 : 1]
    if (kit === undefined) throw new Error('not made')
    return kit
  }

  test("another container does not reach the port that a supervisor listens on", async () => {
    const addressOf = async (handle: string) => (await harness.podman.podman(['inspect', handle, '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'])).trim()
    await neighbourIsRefused(kitOf('exec'), addressOf, listenPort)
  })

  test('a process of the same container that dials the supervisor gets the beginning of TLS and no more', async () => {
    await beginsTlsAndNoMore(kitOf('exec'), relays, gateway, listenPort)
  })

  test('what the server said is worth nothing when it is said to a supervisor again', async () => {
    const kit = kitOf('exec')
    const before = recordings.length
    const container = await kit.prepare()
    const recording = recordings[before]
    if (recording === undefined) throw new Error('nothing was recorded')
    const run = kit.start(container, kit.assignment('echo ready; until test -e /tmp/go; do sleep 0.05; done; echo went on'))
    await run.collected.until(/ready/)
    const relay = await harness.engine.client.exec(container.handle, [supervisorPath, 'connect', `127.0.0.1:${listenPort}`], '0:0')
    if (!relay.ok) throw new Error(relay.error.message)
    const answer = await replay(relay.value, recording.server)
    expect(answer.length).toBeLessThan(Buffer.concat(recording.supervisor).length)
    await harness.faults.inside(container.handle, 'touch /tmp/go')
    expect((await run.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(recording.open).toBe(true)
  })

  test("a container's socket takes no second hello, and none for another container", async () => {
    const kit = kitOf('socket')
    const container = await kit.prepare()
    const other = await kit.prepare()
    const run = kit.start(container, kit.assignment('echo ready; until test -e /tmp/go; do sleep 0.05; done; echo went on'))
    await run.collected.until(/ready/)
    // What is mounted into the container: any of its processes can dial it.
    const source = (await harness.podman.podman(['inspect', container.handle, '--format', '{{range .Mounts}}{{if eq .Destination "/tmp/.airside/home"}}{{.Source}}{{end}}{{end}}'])).trim()
    expect(await readdir(source)).toContain('socket')
    const say = (name: string, proof: object) => sayHello(connect(join(source, 'socket')), { container: name, proof })
    expect(await say(container.handle, { first: true })).toMatchObject({ type: 'refused', reason: expect.stringMatching(/the session key is needed/) as string })
    expect(await say(container.handle, { session: 'x'.repeat(43) })).toMatchObject({ type: 'refused', reason: expect.stringMatching(/not the session/) as string })
    expect(await say(other.handle, { first: true })).toMatchObject({ type: 'refused', reason: expect.stringMatching(/this way in belongs to another container/) as string })
    await harness.faults.inside(container.handle, 'touch /tmp/go')
    expect((await run.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(run.collected.stdout).toBe('ready\nwent on\n')
  })
})
