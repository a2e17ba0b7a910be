import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Cluster } from '../cluster/cluster.ts'
import { airside } from '../e2e/airside.ts'
import { until } from '../services/wait.ts'

/** A volume for the claim of deploy/server.yaml: the test cluster makes none by itself. */
export async function volumeFor(namespace: string, folder: string): Promise<object> {
  const path = join(folder, 'volume')
  await mkdir(path)
  // The kubelet gives no folder of the host to a pod's group.
  await chmod(path, 0o777)
  await chmod(folder, 0o755)
  return {
    apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: namespace },
    spec: {
      capacity: { storage: '20Gi' }, accessModes: ['ReadWriteOnce'], hostPath: { path }, persistentVolumeReclaimPolicy: 'Retain',
      claimRef: { namespace, name: 'airside-server' },
    },
  }
}

interface World {
  readonly cluster: Cluster
  readonly namespace: string
  readonly folder: string
  readonly password: string
  /** Registry with `library/busybox`. */
  readonly images: string
}

const pipeline = (images: string): string => `
jobs:
- name: long
  plan:
  - task: first
    config:
      platform: linux
      image_resource: {type: registry-image, source: {repository: ${images}/library/busybox}}
      outputs: [{name: go}]
      run: {path: sh, args: [-ec, "echo line one; until test -e /tmp/go; do sleep 0.1; done; echo line two"]}
`

/** A build is watched while the server's pod is replaced by another: it ends green, and each of its lines is shown once. */
export async function buildOverRestart({ cluster, namespace, folder, password, images }: World): Promise<void> {
  const kubectl = (...args: string[]) => cluster.kubectl(['-n', namespace, ...args])
  const address = async (): Promise<string> => {
    const pods = JSON.parse(await kubectl('get', 'pods', '-l', 'app.kubernetes.io/name=airside-server', '--field-selector', 'status.phase=Running', '-o', 'json')) as { items: { status: { podIP: string } }[] }
    return `http://${pods.items[0]?.status.podIP ?? 'no pod'}:8080`
  }
  const env = { HOME: folder }
  const client = async (...args: string[]): Promise<string> => {
    const { status, stdout, stderr } = await airside(args, env).ended
    expect(status, `${args[0] ?? ''}: ${stdout}\n${stderr}`).toBe(0)
    return stdout
  }
  const login = async (): Promise<string> => client('login', '-t', 'it', '-c', await address(), '-u', 'admin', '-p', password)
  const file = join(folder, 'long.yml')
  await writeFile(file, pipeline(images))
  await login()
  await client('set-pipeline', '-t', 'it', '-p', 'p', '-c', file, '-n')
  await client('unpause-pipeline', '-t', 'it', '-p', 'p')
  const watching = airside(['trigger-job', '-t', 'it', '-j', 'p/long', '-w'], env)
  await watching.until(/^line one$/m)

  const before = await address()
  await kubectl('rollout', 'restart', 'deployment/airside-server')
  await kubectl('rollout', 'status', 'deployment/airside-server', '--timeout', '300s')
  expect(await address()).not.toBe(before)
  watching.child.kill('SIGKILL')
  await login()

  const step = await until('the step’s pod', async () => (await kubectl('get', 'pods', '-l', 'airside.dev/step=first', '-o', 'name')).trim() || undefined)
  await kubectl('exec', step, '-c', 'step', '--', 'touch', '/tmp/go')
  const shown = await client('watch', '-t', 'it', '-j', 'p/long')
  expect(shown.match(/^line (?:one|two)$/gm)).toEqual(['line one', 'line two'])
}
