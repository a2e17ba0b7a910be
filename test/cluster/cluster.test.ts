import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../services/ports.ts'
import { busyboxImage, scratchImage } from '../services/images.ts'
import { pushImage } from '../services/push-image.ts'
import { startRegistry } from '../services/registry.ts'
import { until } from '../services/wait.ts'
import { cutPodsFromHost, startCluster, type Cluster } from './cluster.ts'
import { kubeconfigFor } from './kubeconfig-for.ts'
import { createNamespace, type TestNamespace } from './namespaces.ts'

describe('the test cluster', () => {
  let cluster: Cluster
  let namespace: TestNamespace
  let busybox: string
  let scratch: string

  beforeAll(async () => {
    cluster = await startCluster({ log: console.error })
    busybox = (await pushImage(cluster.registry, 'cluster-test/busybox', '1', await busyboxImage())).reference
    scratch = (await pushImage(cluster.registry, 'cluster-test/scratch', '1', await scratchImage())).reference
    namespace = await createNamespace(cluster)
  })

  afterAll(async () => {
    await namespace?.remove()
    await cluster?.stop()
  })

  const pod = (name: string, script: string, spec: object = {}, container: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name },
    spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: busybox, command: ['sh', '-c', script], ...container }], ...spec },
  })
  const create = (object: object) => cluster.kubectl(['create', '-n', namespace.name, '-f', '-'], { input: JSON.stringify(object) })
  const phase = (name: string, wanted: string) =>
    cluster.kubectl(['wait', '-n', namespace.name, `pod/${name}`, `--for=jsonpath={.status.phase}=${wanted}`, '--timeout=300s'])
  const output = async (name: string) => {
    await phase(name, 'Succeeded')
    return cluster.kubectl(['logs', '-n', namespace.name, name])
  }

  it('runs a program of an image volume in a user namespace', async () => {
    const volume = { hostUsers: false, volumes: [{ name: 'tools', image: { reference: scratch } }] }
    await create(pod('volume', '/tools/hello && cat /proc/self/uid_map', volume, { volumeMounts: [{ name: 'tools', mountPath: '/tools' }] }))
    const said = await output('volume')
    expect(said).toContain('hello from scratch uid=0')
    expect(said).toMatch(/^\s+0\s+[1-9]\d+\s+65536$/m)
  })

  it('shows in the registry\'s access log what the node pulled', async () => {
    const { digest } = await pushImage(cluster.registry, 'cluster-test/logged', '1', await busyboxImage([{ path: 'mark', content: 'logged' }]))
    await create(pod('logged', 'cat /mark', {}, { image: `${cluster.registry.host}/cluster-test/logged@${digest}` }))
    expect(await output('logged')).toBe('logged')
    const pulls = (await cluster.registry.accessLog()).filter(({ repository, userAgent }) => repository === 'cluster-test/logged' && userAgent.startsWith('containerd/'))
    expect(pulls.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['manifest', 'blob']))
    expect(pulls.find(({ kind }) => kind === 'manifest')?.reference).toBe(digest)
  })

  it('enters containers and forwards ports', async () => {
    await create(pod('server', 'echo ready; while true; do echo pong | nc -l -p 8080; done'))
    await phase('server', 'Running')
    expect(await cluster.kubectl(['exec', '-n', namespace.name, 'server', '--', 'echo', 'inside'])).toBe('inside\n')
    const port = await freePort()
    const forward = spawn(cluster.kubectlProgram, ['port-forward', '-n', namespace.name, 'pod/server', `${port}:8080`], {
      env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
      stdio: 'ignore',
    })
    try {
      await until('an answer through the tunnel', async () => (await readAll(port)) === 'pong\n')
    } finally {
      forward.kill()
    }
  })

  it('holds namespaces to their Pod Security level', async () => {
    const restricted = await createNamespace(cluster, 'restricted')
    try {
      const into = (object: object) => cluster.tryKubectl(['create', '-n', restricted.name, '-f', '-'], { input: JSON.stringify(object) })
      expect((await into(pod('refused', 'id'))).stderr).toContain('violates PodSecurity "restricted:latest"')
      const careful = {
        runAsNonRoot: true,
        runAsUser: 1000,
        seccompProfile: { type: 'RuntimeDefault' },
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      }
      expect((await into(pod('allowed', 'id', {}, { securityContext: careful }))).code).toBe(0)
      await cluster.kubectl(['wait', '-n', restricted.name, 'pod/allowed', '--for=jsonpath={.status.phase}=Succeeded', '--timeout=300s'])
      expect(await cluster.kubectl(['logs', '-n', restricted.name, 'allowed'])).toContain('uid=1000(app)')
    } finally {
      await restricted.remove()
    }
  })

  it('gives an account the rights of a role file and no more', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'airside-role-'))
    try {
      const roleFile = join(dir, 'role.yaml')
      const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }]
      await writeFile(roleFile, JSON.stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'runner' }, rules }))
      const KUBECONFIG = await kubeconfigFor(cluster, { namespace: namespace.name, roleFile, file: join(dir, 'kubeconfig') })
      const as = (...args: string[]) => cluster.tryKubectl(['--kubeconfig', KUBECONFIG, ...args])
      expect((await as('get', 'pods')).code).toBe(0)
      expect((await as('get', 'secrets')).stderr).toContain('forbidden')
      expect((await as('get', 'pods', '-n', 'default')).stderr).toContain('forbidden')
      expect(JSON.parse((await as('get', '--raw', '/openid/v1/jwks')).stdout)).toHaveProperty('keys')
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it('cuts pods off from a port of the host, live connections too, and lets them back', async () => {
    let received = ''
    const sockets = new Set<Socket>()
    const server = createServer((socket) => {
      sockets.add(socket)
      socket.on('data', (chunk) => (received += chunk.toString()))
      socket.on('error', () => undefined)
    })
    await new Promise<void>((resolve) => server.listen(0, cluster.hostAddress, resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    try {
      // One line on a connection that stays, another on it when /tmp/go is there; then what a new connection gets.
      const script = `(echo first; while [ ! -e /tmp/go ]; do sleep 0.1; done; echo second; sleep 600) | nc ${cluster.hostAddress} ${port}`
      await create(pod('cut', script))
      await until('the first line', async () => received.includes('first'))
      const restore = await cutPodsFromHost({ port })
      const dial = (...extra: string[]) => cluster.tryKubectl(['exec', '-n', namespace.name, 'cut', '--', ...extra])
      await dial('touch', '/tmp/go')
      expect((await dial('nc', '-w', '1', cluster.hostAddress, `${port}`)).code).not.toBe(0)
      expect(received).not.toContain('second')
      await restore()
      await until('the second line', async () => received.includes('second'))
    } finally {
      for (const socket of sockets) socket.destroy()
      server.close()
    }
  })

  it('lets the node pull from a further registry with TLS and a password', async () => {
    const registry = await startRegistry({ users: { joe: 'secret' }, tls: true })
    try {
      const target = { url: registry.url, host: registry.host, user: 'joe', password: 'secret', ...(registry.certificates && { certificates: registry.certificates }) }
      const { reference } = await pushImage(target, 'private', '1', await busyboxImage())
      await cluster.trust(registry.host, { kind: 'https', caFile: registry.certificates?.caFile ?? '' })
      await cluster.kubectl(['create', '-n', namespace.name, 'secret', 'docker-registry', 'pull', `--docker-server=${registry.host}`, '--docker-username=joe', '--docker-password=secret'])
      await create(pod('private', 'echo pulled', { imagePullSecrets: [{ name: 'pull' }] }, { image: reference, imagePullPolicy: 'Always' }))
      expect(await output('private')).toBe('pulled\n')
      await create(pod('denied', 'echo pulled', {}, { image: reference, imagePullPolicy: 'Always' }))
      await until('the refusal', async () => (await cluster.kubectl(['get', 'pod', 'denied', '-n', namespace.name, '-o', 'json'])).includes('ErrImagePull'))
    } finally {
      await registry.stop()
    }
  })
})

/** Everything that whoever listens on a local port says until the end. */
function readAll(port: number): Promise<string> {
  return text(connect(port, '127.0.0.1'))
}
