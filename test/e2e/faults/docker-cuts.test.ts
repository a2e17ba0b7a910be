import { afterAll, beforeAll, describe, test } from 'vitest'
import { dockerHarness, type DockerHarness } from '../../../src/runtime/docker/testing/docker-harness.ts'
import { podmanReason } from '../../services/podman.ts'
import { openCutServer, survivesCuts } from './cuts.ts'
import type { ServerBehind } from './server-behind.ts'

const reason = await podmanReason()

// Both at once: what dials home sits out a minute of silence.
describe.skipIf(reason !== undefined).concurrent(`connections cut on docker${reason === undefined ? '' : ` (${reason})`}`, () => {
  let harness: DockerHarness
  const servers: ServerBehind[] = []
  beforeAll(async () => {
    harness = await dockerHarness()
  })
  afterAll(async () => {
    for (const server of servers) await server.stop()
    await harness.stop()
  })

  test.each(['socket', 'exec'] as const)('50 000 lines by %s, cut in every way', async (transport) => {
    const server = await openCutServer()
    servers.push(server)
    const runtime = await harness.another({ rendezvous: server.rendezvous, installation: `cut-${transport}`, transport })
    await survivesCuts(harness, runtime, server)
  })
})
