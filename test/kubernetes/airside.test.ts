import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { pushSupervisor } from '../../src/cli/push/supervisor-image.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { cutPodsFromHost, startCluster, type Cluster } from '../cluster/cluster.ts'
import { airside } from '../e2e/airside.ts'
import { freePort } from '../services/ports.ts'
import { makeNamespace, type TestNamespace } from './namespace.ts'

/** `airside run` as a user has it, on a real cluster, under the rights of deploy/rbac.yaml. */
describe('airside run on Kubernetes', () => {
  let folder: string
  let cluster: Cluster
  let namespace: TestNamespace
  let supervisorImage: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-e2e-'))
    cluster = await startCluster()
    namespace = await makeNamespace(cluster, 'baseline')
    const client = new RegistryClient({})
    await pushDemoImages(client, cluster.registry.host, '')
    await client.close()
    supervisorImage = await pushSupervisor(`${cluster.registry.host}/airside-supervisor`, () => undefined)
  })

  afterAll(async () => {
    await namespace.remove()
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (transport: 'auto' | 'home' | 'tunnel', ...args: string[]) =>
    airside([
      'run', '--runtime', 'kubernetes', '--kubeconfig', namespace.kubeconfig, '--namespace', namespace.name,
      '--supervisor-image', supervisorImage, '--transport', transport,
      ...(transport !== 'tunnel' ? ['--home-address', cluster.hostAddress] : []),
      ...args,
    ])

  const podsLeft = async () => {
    const pods = JSON.parse(await cluster.kubectl(['get', 'pods', '-n', namespace.name, '-o', 'json'])) as { items: { metadata: { name: string; deletionTimestamp?: string } }[] }
    return pods.items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(({ metadata }) => metadata.name).join(' ')
  }

  async function counting(name: string): Promise<string> {
    const file = join(folder, `${name}.yml`)
    const image = `{type: registry-image, source: {repository: ${cluster.registry.host}/tools, tag: 1, insecure: true}}`
    await writeFile(
      file,
      `jobs:
- name: job
  plan:
  - task: count
    config:
      platform: linux
      image_resource: ${image}
      params: {TOKEN: ((token))}
      outputs: [{name: out}]
      run: {path: sh, args: [-c, 'i=1; while [ $i -le 30 ]; do echo "line $i"; echo $i >> out/n; i=$((i+1)); sleep 0.1; done; echo "$TOKEN"']}
  - task: look
    config:
      platform: linux
      image_resource: ${image}
      inputs: [{name: out}]
      run: {path: sh, args: [-c, 'echo "written $(wc -l < out/n)"']}
`,
    )
    return file
  }

  for (const transport of ['auto', 'tunnel'] as const) {
    test(`killed with -9 and resumed, transport ${transport}: each line once, the step ran once, no secret anywhere`, async () => {
      const canary = `canary-${transport}-5d1e7c`
      const data = join(folder, transport)
      const file = await counting(transport)
      const first = run(transport, file, '--data', data, '--var', `token=${canary}`)
      await first.until(/line 5\b/)
      const specs = await cluster.kubectl(['get', 'pods,events,secrets,configmaps', '-n', namespace.name, '-o', 'yaml'])
      first.child.kill('SIGKILL')
      await first.ended
      // A free port is taken for home each time: the address that the pod knows is gone, as after a laptop's sleep, and it is
      // picked up through the tunnel.
      const second = await run(transport, '--resume', '--data', data).ended
      expect(second.status, second.stderr + second.stdout).toBe(0)
      const lines = second.stdout.split(/\r?\n/).filter((line) => /^(line|written) /.test(line))
      expect(lines).toEqual([...Array.from({ length: 30 }, (_, index) => `line ${index + 1}`), 'written 30'])
      expect(specs).toContain('kind: Pod')
      expect(specs).not.toContain(canary)
      expect(second.stdout + second.stderr).not.toContain(canary)
      expect(spawnSync('grep', ['-rla', canary, data], { encoding: 'utf8' }).stdout).toBe('')
      await expect.poll(podsLeft).toBe('')
    })
  }

  for (const how of ['silence', 'reset'] as const) {
    test.concurrent(`30 s of a cut connection (${how}) in the middle of 50 000 lines: nothing lost, nothing twice`, async () => {
      const file = join(folder, `cut-${how}.yml`)
      const image = `{type: registry-image, source: {repository: ${cluster.registry.host}/tools, tag: 1, insecure: true}}`
      const script = 'i=0; while [ $i -lt 500 ]; do i=$((i+1)); seq $((i*100-99)) $((i*100)) | sed "s/^/line /"; sleep 0.02; done'
      await writeFile(file, `jobs:\n- name: job\n  plan:\n  - task: print\n    config:\n      platform: linux\n      image_resource: ${image}\n      run: {path: sh, args: [-c, '${script}']}\n`)
      // Pods of other tests are on the same node: only the port of this server is cut.
      const port = await freePort(cluster.hostAddress)
      const running = run('home', file, '--data', join(folder, `cut-${how}`), '--home-address', `${cluster.hostAddress}:${port}`)
      await running.until(/line 5000\b/)
      const restore = await cutPodsFromHost({ how, port })
      // The cut itself is what is tested: half a minute of it, longer than any grace of a connection, shorter than the step's patience.
      await new Promise((resolve) => setTimeout(resolve, 30_000))
      await restore()
      const ended = await running.ended
      expect(ended.status, ended.stderr).toBe(0)
      const lines = ended.stdout.split(/\r?\n/).filter((line) => line.startsWith('line '))
      expect(lines.length).toBe(50_000)
      expect(lines.every((line, index) => line === `line ${index + 1}`)).toBe(true)
    })
  }

  test('a step is entered while it runs, and after it has failed under --keep; clean removes its pod', async () => {
    const file = join(folder, 'intercept.yml')
    const image = `{type: registry-image, source: {repository: ${cluster.registry.host}/tools, tag: 1, insecure: true}}`
    const script = 'echo ready; until test -e go; do sleep 0.1; done; echo left > note; exit 3'
    await writeFile(file, `jobs:\n- name: job\n  plan:\n  - task: waits\n    config:\n      platform: linux\n      image_resource: ${image}\n      params: {TOKEN: of-the-step}\n      run: {path: sh, args: [-c, '${script}']}\n`)
    const data = join(folder, 'intercept')
    const running = run('auto', file, '--data', data, '--keep')
    await running.until(/ready/)
    const during = await airside(['intercept', '--data', data, '--', 'sh', '-c', 'echo "$TOKEN"; touch go; exit 5']).ended
    expect(during).toEqual({ status: 5, stdout: 'of-the-step\n', stderr: '' })
    expect((await running.ended).status).toBe(3)
    expect(await podsLeft()).toMatch(/task/)
    // Nothing says where its cluster is: the data folder knows.
    const after = await airside(['intercept', '--data', data, '--step', 'waits', '--', 'sh', '-c', 'cat note; echo "$TOKEN"; exit 6']).ended
    expect(after).toEqual({ status: 6, stdout: 'left\nof-the-step\n', stderr: '' })
    const cleaned = await airside(['clean', '--kept', '--data', data]).ended
    expect(cleaned.stdout, cleaned.stderr).toMatch(/removed the container of build \d+, intercept\/job, step waits/)
    await expect.poll(podsLeft).toBe('')
  })

  test('killed with -9 and given up: clean --all --force removes its pods', async () => {
    const data = join(folder, 'given-up')
    const first = run('auto', await counting('given-up'), '--data', data, '--var', 'token=x1')
    await first.until(/line 3\b/)
    first.child.kill('SIGKILL')
    await first.ended
    expect(await podsLeft()).toMatch(/task/)
    const cleaned = await airside(['clean', '--all', '--force', '--data', data]).ended
    expect(cleaned.stdout, cleaned.stderr).toMatch(/removed container given-up-job-b\d+-task-[0-9a-f]+ of a build that did not remove it/)
    await expect.poll(podsLeft).toBe('')
  })

  test('Ctrl-C aborts and leaves no pod', async () => {
    const running = run('auto', await counting('abort'), '--data', join(folder, 'abort'), '--var', 'token=x1')
    await running.until(/line 3\b/)
    running.child.kill('SIGINT')
    const ended = await running.ended
    expect(ended.status, ended.stderr).toBe(3)
    expect(ended.stdout).toMatch(/aborted\n$/)
    await expect.poll(podsLeft).toBe('')
  })
})
