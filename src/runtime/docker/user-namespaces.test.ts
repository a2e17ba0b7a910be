import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildSupervisor } from '../../../scripts/build-supervisor.mjs'
import { silentLog } from '../../lib/log.ts'
import { fail } from '../../model/result.ts'
import { createKit } from '../conformance/kit.ts'
import type { EngineClient } from './engine/client.ts'
import { tryOwnUsers } from './own-users-trial.ts'
import { openSupervisor } from './supervisor-file.ts'
import { dockerHarness, type DockerHarness } from './testing/docker-harness.ts'

/** Podman's answer, as it was seen with user.max_user_namespaces at 0. */
const refusal = 'unable to start container: runc: runc create failed: unable to start container process: can\'t get final child\'s PID from pipe: EOF'

describe('an engine that may have no user namespaces', () => {
  let harness: DockerHarness
  const data: string[] = []
  beforeAll(async () => {
    harness = await dockerHarness()
  })
  afterAll(async () => {
    await harness.stop()
    for (const folder of data) await rm(folder, { recursive: true })
  })

  /** The engine of the tests, where the machine forbids user namespaces. */
  function forbidden() {
    const asking = new Set<string>()
    const made: string[] = []
    const { client } = harness.engine
    const refusing: EngineClient = {
      ...client,
      create(name, body, signal) {
        const asks = body.HostConfig.UsernsMode !== undefined
        if (asks) asking.add(name)
        else asking.delete(name)
        return client.create(name, body, signal).then((answer) => {
          if (!answer.ok) return answer
          made.push(`${name.includes('trial') ? 'trial' : 'step'} ${asks ? 'with' : 'without'}`)
          if (asks) asking.add(answer.value.id)
          return answer
        })
      },
      start: (container) => (asking.has(container) ? Promise.resolve(fail({ kind: 'refused', status: 500, message: refusal })) : client.start(container)),
    }
    return { engine: { ...harness.engine, client: refusing }, made }
  }
  const folder = async () => {
    const made = await mkdtemp(join(tmpdir(), 'airside-data-'))
    data.push(made)
    return made
  }

  it('runs steps without one where the machine forbids them, and warns once', async () => {
    const warnings: string[] = []
    const { engine, made } = forbidden()
    const runtime = await harness.another({ engine, data: await folder(), log: { ...silentLog, warn: (_, message) => void warnings.push(message) } })
    const kit = createKit({ ...harness, runtime })
    try {
      for (const _ of [1, 2]) expect((await kit.run('read inside outside size < /proc/self/uid_map; echo $inside $outside')).stdout).toBe('0 0\n')
    } finally {
      await kit.clean()
    }
    expect(warnings).toEqual([expect.stringMatching(/root in a step is root on this machine.*final child's PID from pipe/)])
    expect(made).toEqual(['step with', 'trial with', 'trial without', 'step without', 'step without'])
    expect((await harness.podman.podman(['ps', '--all', '--format', '{{.Names}}'])).match(/trial/)).toBeNull()
    expect(await harness.podman.podman(['images'])).not.toContain('trial')
  })

  it('does not start where they are required', async () => {
    const { engine } = forbidden()
    await expect(harness.another({ engine, data: await folder(), userNamespaces: 'required' })).rejects.toThrow(/--user-namespaces is required.*final child's PID from pipe/)
    const kit = createKit({ ...harness, runtime: await harness.another({ data: await folder(), userNamespaces: 'required' }) })
    try {
      expect((await kit.run('read inside outside size < /proc/self/uid_map; echo $outside')).stdout).toBe('1073741824\n')
    } finally {
      await kit.clean()
    }
  })

  it('finds that the engine of the tests has them', async () => {
    const { binaries } = await buildSupervisor()
    const { client, info } = harness.engine
    const { archive } = await openSupervisor(info.architecture === 'arm64' ? binaries.arm64 : binaries.amd64, await folder())
    for (const _ of [1, 2, 3]) expect(await tryOwnUsers({ client, installation: 'trial', archive })).toEqual({ kind: 'possible' })
    expect(await client.list(['airside.installation=trial'])).toEqual({ ok: true, value: [] })
  })
})
