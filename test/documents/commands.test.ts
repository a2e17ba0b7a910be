import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findGo } from '../../scripts/lib/go.mjs'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { run } from '../services/command.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { kubernetesDocument, root, userDocuments } from './documents.ts'
import { commandsOf } from './fences.ts'

const documents = userDocuments.filter(({ file }) => file !== kubernetesDocument).map(({ file, text }) => ({ file, commands: commandsOf(text) }))

/** What the documents tell a reader to type, typed as it stands: on an engine and in a data folder that are new, in place of Docker Hub a mirror of it. */
describe('commands of the documents', () => {
  let folder: string
  let podman: Podman
  let hub: RunningRegistry
  let go: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-documents-'))
    podman = await startPodman()
    hub = await startRegistry({ dir: join(folder, 'hub') })
    const client = new RegistryClient({})
    await pushDemoImages(client, hub.host, 'library/', { repository: 'busybox', entries: [] })
    await client.close()
    go = await findGo()
  })
  afterAll(async () => {
    await hub.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  // A reader's own: nothing of this machine's Airside.
  const env = () => ({
    ...process.env, NO_COLOR: '1', AIRSIDE_GO: go, XDG_DATA_HOME: join(folder, 'data'),
    DOCKER_HOST: podman.dockerHost, AIRSIDE_REGISTRY_MIRROR: `http://${hub.host}`,
  })

  test('the README shows what it says a newcomer should type', () => {
    const [first] = documents.filter(({ file }) => file === 'README.md')
    expect(first?.commands.some(({ script, notRun }) => notRun === undefined && script.includes('bin/airside run '))).toBe(true)
  })

  for (const { file, commands } of documents) {
    for (const { line, script, notRun } of commands) {
      // Left out by the document's own words, and no test that was skipped.
      if (notRun !== undefined) continue
      test(`${file}:${line}: ${script.split('\n')[0]}`, async () => {
        const { code, stdout, stderr } = await run('sh', ['-euc', script], { cwd: root, env: env() })
        expect(code, `${stdout}\n${stderr}`).toBe(0)
        expect(stdout + stderr).not.toMatch(/^\s+at .*:\d+/m)
      })
    }
  }
})
