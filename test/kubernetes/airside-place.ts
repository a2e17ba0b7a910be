import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pushSupervisor } from '../../src/cli/push/supervisor-image.ts'
import { startCluster, type Cluster } from '../cluster/cluster.ts'
import { airside } from '../e2e/airside.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'

/** A namespace of the test cluster, the supervisor's image and a folder: what `airside run` needs to run steps there. */
export interface AirsidePlace {
  readonly folder: string
  readonly cluster: Cluster
  readonly namespace: TestNamespace
  /** The flags with which a command of airside runs steps there. */
  readonly flags: readonly string[]
  /** `airside run`, under the namespace's rights, with its data in `folder`. */
  run(file: string, ...more: string[]): ReturnType<typeof airside>
  close(): Promise<void>
}

export async function openAirsidePlace(name: string, mode: Parameters<typeof makeNamespace>[1]): Promise<AirsidePlace> {
  const folder = await mkdtemp(join(tmpdir(), `airside-${name}-`))
  const cluster = await startCluster()
  const namespace = await makeNamespace(cluster, mode)
  const supervisorImage = await pushSupervisor(`${cluster.registry.host}/airside-supervisor`, () => undefined)
  const flags = [
    '--runtime', 'kubernetes', '--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name, '--supervisor-image', supervisorImage,
    '--home-address', cluster.hostAddress,
  ]
  return {
    folder,
    cluster,
    namespace,
    flags,
    run: (file, ...more) => airside(['run', file, '--data', join(folder, 'data'), ...flags, ...more]),
    async close() {
      await namespace.remove()
      await cluster.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A pipeline whose task prints the file /word of an image; `source` is that of the image, in YAML's flow style. Returns its file. */
export async function writeWordPipeline(folder: string, source: string): Promise<string> {
  const file = join(folder, 'pipeline.yml')
  await writeFile(
    file,
    `
jobs:
- name: job
  plan:
  - task: say
    config:
      platform: linux
      image_resource: {type: registry-image, source: ${source}}
      run: {path: cat, args: [/word]}
`,
  )
  return file
}
