import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startRegistry, type RunningRegistry } from '../../../src/images/server/start-registry.ts'
import { busyboxImage } from '../../services/images.ts'
import { podmanReason, startPodman, type Podman } from '../../services/podman.ts'
import { pushImage } from '../../services/push-image.ts'
import { until } from '../../services/wait.ts'
import { airside } from '../airside.ts'
import { describeAlone } from './alone.ts'
import type { FaultPlace } from './fatal-run.ts'
import { points, wherePathsDiffer } from './points.ts'
import { describeFaults } from './suite.ts'

const reason = await podmanReason()

const containers = async (podman: Podman, pipeline: string, ...which: string[]): Promise<string> =>
  (await podman.podman(['ps', ...which, '--filter', `label=airside.pipeline=${pipeline}`, '--format', '{{.Names}} {{.Status}}'])).trim()

describe.skipIf(reason !== undefined)(`faults on a container engine${reason === undefined ? '' : ` (${reason})`}`, () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-faults-'))
    podman = await startPodman()
    registry = await startRegistry({ dir: join(folder, 'registry') })
    await pushImage(registry, 'busybox', '1', await busyboxImage())
    // A create call for an image that is not there yet is refused first: not the one that is meant.
    await podman.podman(['pull', `${registry.host}/busybox:1`])
  })
  afterAll(async () => {
    await registry.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  for (const transport of ['socket', 'exec'] as const) {
    const place = (): FaultPlace => ({
      repository: `${registry.host}/busybox`,
      host: `$(ip route | sed -n 's/^default via \\([^ ]*\\).*/\\1/p')`,
      env: { DOCKER_HOST: podman.dockerHost },
      server: () => Promise.resolve({ runtime: { kind: 'docker', transport }, flags: ['--engine-transport', transport] }),
      left: (pipeline) => containers(podman, pipeline, '--all'),
      running: (pipeline) => containers(podman, pipeline),
      async inside(pipeline, step, script) {
        const id = (await podman.podman(['ps', '-q', '--filter', `label=airside.pipeline=${pipeline}`, '--filter', `label=airside.step=${step}`])).trim()
        return podman.podman(['exec', id, 'sh', '-c', script])
      },
    })
    describeFaults(`docker by ${transport}`, place, transport === 'socket' ? points : wherePathsDiffer)
    // A container that has ended is started again, and its supervisor delivers what it has.
    if (transport === 'socket') describeAlone('docker', place, 'goes on')
  }

  test('the checks of a run that was killed are ended by the next one', async () => {
    const check = { path: 'opt/resource/check', mode: 0o755, content: '#!/bin/sh\nsleep 1000\n' }
    await pushImage(registry, 'slow', '1', await busyboxImage([{ path: 'opt/', folder: true }, { path: 'opt/resource/', folder: true }, check]))
    const types = [{ name: 'slow', type: 'registry-image', source: { repository: `${registry.host}/slow`, tag: '1', insecure: true } }]
    const file = join(folder, 'slow.yml')
    const pipeline = { resource_types: types, resources: [{ name: 'thing', type: 'slow', source: {} }], jobs: [{ name: 'job', plan: [{ get: 'thing' }] }] }
    await writeFile(file, JSON.stringify(pipeline))
    const other = join(folder, 'other.yml')
    const run = { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: `${registry.host}/busybox`, tag: '1', insecure: true } }, run: { path: 'true' } }
    await writeFile(other, JSON.stringify({ jobs: [{ name: 'job', plan: [{ task: 'ok', config: run }] }] }))
    const args = ['--data', join(folder, 'abandoned')]
    const env = { DOCKER_HOST: podman.dockerHost }

    const killed = airside(['run', file, ...args], env)
    await until('the check runs', async () => (await containers(podman, 'slow')) !== '')
    killed.child.kill('SIGKILL')
    await killed.ended
    expect(await containers(podman, 'slow', '--all')).not.toBe('')
    const next = await airside(['run', other, ...args], env).ended
    expect(next.status, next.stderr).toBe(0)
    await expect.poll(() => containers(podman, 'slow', '--all')).toBe('')
  })
})
