import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Db } from '../../../src/db/db.ts'
import { decodePlan } from '../../../src/planner/plan-json.ts'
import { busyboxImage } from '../../services/images.ts'
import { pushImage, type Pushed } from '../../services/push-image.ts'
import { startRegistry, type Registry } from '../../services/registry.ts'
import { until } from '../../services/wait.ts'
import { resourceFiles } from '../resource-files.ts'
import { podLines } from './wire.ts'
import { imageWorld, wordImage, type ImageWorld, type Mode, type Place, type Ran } from './world.ts'

const user = 'someone'
const canary = `canary${randomBytes(12).toString('hex')}`
const wrong = `wrong${randomBytes(12).toString('hex')}`
const credentials = { user, password: canary }

let world: ImageWorld
/** Lets nobody in without the canary. */
let closed: Registry
/** A name that nodes alone know it by. */
const nodesOnly = `nodes-only-${randomBytes(4).toString('hex')}.test`

beforeAll(async () => {
  world = await imageWorld(['native', 'physical', 'node'], async (cluster, namespace) => {
    const data = { '.dockerconfigjson': btoa(JSON.stringify({ auths: { 'elsewhere.example': { auth: btoa('a:b') } } })) }
    const secret = { apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata: { name: 'of-the-account' }, data }
    await cluster.kubectl(['apply', '-n', namespace, '-f', '-'], { input: JSON.stringify(secret) })
    await cluster.kubectl(['patch', 'serviceaccount', 'airside-step', '-n', namespace, '-p', JSON.stringify({ imagePullSecrets: [{ name: 'of-the-account' }] })])
  })
  const { cluster } = world
  closed = await startRegistry({ address: cluster.hostAddress, users: { [user]: canary } })
  await cluster.trust(closed.host, { kind: 'http' })
  await cluster.trust(nodesOnly, { kind: 'http', at: closed.host })
})
afterAll(async () => {
  await world.stop()
  await closed.stop()
})

const push = (name: string, image: Awaited<ReturnType<typeof wordImage>>): Promise<Pushed> => pushImage({ ...closed, ...credentials }, name, 'latest', image)
const sourceOf = (name: string, more = '', host = closed.host) => `{repository: ${host}/${name}, insecure: true${more}}`
const withCredentials = `, username: ${user}, password: ${canary}`
const run = (script: string, more = '') => `config: {platform: linux, ${more}run: {path: sh, args: [-ec, '${script}']}}`
const job = (...steps: string[]) => `{jobs: [{name: job, plan: [${steps.join(', ')}]}]}`
const say = (source: string, version = '') => `{task: say, ${run('echo "runs $(cat /word)"', `image_resource: {type: registry-image, source: ${source}${version}}, `)}}`
const pin = ({ digest }: Pushed) => `, version: {digest: '${digest}'}`
const started = ({ lines }: Pick<Ran, 'lines'>) => lines.some((line) => line.startsWith('start-task'))

describe.concurrent('private images', () => {
  test.each<Mode>(['native', 'physical'])('credentials are in no log, event, pod, error or database, %s', async (mode) => {
    const place = world.place('canary', mode)
    await push(`${place.name}/type`, await busyboxImage(resourceFiles()))
    await push(`${place.name}/app`, await wordImage(`private ${mode}`))
    const password = `, username: ${user}, password: ((password))`
    const source = (name: string, more = password) => sourceOf(`${place.name}/${name}`, more)
    const ran = await place.run(`
resource_types:
- {name: custom, type: registry-image, source: ${source('type', withCredentials)}}
resources:
- {name: code, type: custom, source: {}}
- {name: app, type: registry-image, source: ${source('app')}}
- {name: made, type: registry-image, source: ${source('made')}}
jobs:
- name: job
  plan:
  - get: code
  - get: app
    params: {format: oci}
  - ${say(source('app'))}
  - {task: read, ${run('test -s app/image.tar', `image_resource: {type: registry-image, source: ${source('app', withCredentials)}}, inputs: [{name: app}], `)}}
  - {put: made, params: {image: app/image.tar}}
  - {task: run-made, image: made, ${run('echo "made $(cat /word)"')}}
`, { vars: [`password=${canary}`] })
    const failed = await place.run(job(say(source('app', `, username: ${user}, password: ${wrong}`))))
    expect(failed.status).toBe('errored')
    expect(failed.text).toMatch(new RegExp(mode === 'native' ? `registry denied access: ${closed.host}/${place.name}/app` : '401 Unauthorized'))

    // What needs no credentials has no secret; what does has its own and the account's, until it ends.
    if (mode === 'native') {
      expect(ran.status, ran.text).toBe('succeeded')
      for (const word of ['runs', 'made']) expect(ran.text).toMatch(new RegExp(`^${word} private ${mode}\\r?$`, 'm'))
      // A check's container that waits for the next one keeps its secret for as long.
      world.app(mode).services.checkContainers?.releaseIdle()
      for (const { name, image, pullSecrets, pullPolicy, step } of ran.pods) {
        if (!image.startsWith(closed.host)) expect({ step, pullSecrets }).toEqual({ step, pullSecrets: ['of-the-account'] })
        else {
          expect({ step, pullSecrets, pullPolicy }).toEqual({ step, pullSecrets: [`${name}-pull`, 'of-the-account'], pullPolicy: 'Always' })
          const secret = () => world.watches.secrets.objects().find(({ last }) => last.metadata.name === `${name}-pull`)
          // The cluster's garbage collector takes it, a moment after its pod.
          await until(`the pull secret of ${step} to go`, () => Promise.resolve(secret()?.gone))
          expect({ step, owner: secret()?.last.metadata.ownerReferences?.map(({ name: owner }) => owner) }).toEqual({ step, owner: [name] })
        }
      }
      expect(podLines(ran)).toEqual(['check code type', 'get app base', 'get code type', 'put made base', 'task read app', 'task run-made made', 'task say app'])
    } else expect(ran.status, ran.text).toBe('succeeded')

    const seen = {
      log: ran.text + failed.text,
      'questions to the image policy': JSON.stringify([...ran.used, ...failed.used]),
      events: [...ran.lines, ...failed.lines].join('\n'),
      pods: world.watches.pods.text(),
      'events of the cluster': world.watches.events.text(),
      'the log of the server': world.serverLog.join('\n'),
      database: await dump(world.app(mode).stores.db),
      'what the registry logged': JSON.stringify(await closed.accessLog()),
    }
    expect(seen.database).toContain(place.name)
    for (const text of [canary, wrong, ...[canary, wrong].flatMap((password) => [btoa(`${user}:${password}`), btoa(password)])]) {
      for (const [where, all] of Object.entries(seen)) expect(all.includes(text), `${text} in ${where}`).toBe(false)
      expect(spawnSync('grep', ['-rlaF', text, world.data(mode)], { encoding: 'utf8' }).stdout, text).toBe('')
    }
    // Where it must be, it is: the search finds things.
    if (mode === 'native') expect(JSON.stringify(world.watches.secrets.text().match(/"\.dockerconfigjson":"[^"]+"/g)?.map((data) => atob(data.split('"')[3] ?? '')))).toContain(canary)
  })

  test('one that the node has is not for those without its credentials', async () => {
    const place = world.place('teams', 'native')
    const pushed = await push('teams/app', await wordImage('for a team'))
    const ask = (team: string, more: string, version = pin(pushed)) => place.run(job(say(sourceOf('teams/app', more), version)), { team })
    const first = await ask('ours', withCredentials)
    expect(first.status, first.text).toBe('succeeded')
    expect(first.text).toContain('runs for a team')
    expect(first.pods.map(({ image, pullPolicy }) => [image, pullPolicy])).toEqual([[`${closed.host}/teams/app:latest@${pushed.digest}`, 'Always']])
    for (const [more, version] of [['', pin(pushed)], [`, username: ${user}, password: ${wrong}`, pin(pushed)], ['', ''], [`, digest: '${pushed.digest}'`, '']] as const) {
      const other = await ask('theirs', more, version)
      expect(other.status, more).toBe('errored')
      expect(other.text, more).toMatch(new RegExp(`registry denied access: ${closed.host}/teams/app[:@]`))
      expect(other.pods).toEqual([])
    }
    const again = await ask('ours', withCredentials)
    expect(again.status, again.text).toBe('succeeded')
  })

  test('nor where only nodes can reach its registry', async () => {
    const place = world.place('nodes', 'node')
    const pushed = await push('nodes/app', await wordImage('for a team'))
    const ask = (team: string, more: string) => place.run(job(say(sourceOf('nodes/app', more, nodesOnly), pin(pushed))), { team })
    const first = await ask('ours', withCredentials)
    expect(first.status, first.text).toBe('succeeded')
    expect(first.text).toContain('runs for a team')
    for (const more of ['', `, username: ${user}, password: ${wrong}`]) {
      const other = await ask('theirs', more)
      expect(other.status, other.text).toBe('errored')
      expect(other.text).toMatch(new RegExp(`${nodesOnly}/nodes/app.*(401|unauthorized|authorization|no basic auth)`, 'i'))
      expect(other.pods.map(({ pullPolicy }) => pullPolicy)).toEqual(['Always'])
      expect(started(other)).toBe(false)
    }
  })

  test('one that the node has is not started while its registry is down, and the log says so', async () => {
    const registry = await startRegistry({ address: world.cluster.hostAddress, users: { [user]: canary } })
    await world.cluster.trust(registry.host, { kind: 'http' })
    try {
      const place = world.place('down', 'native')
      const pushed = await pushImage({ ...registry, ...credentials }, 'app', 'latest', await wordImage('private'))
      const source = sourceOf('app', withCredentials, registry.host)
      expect((await place.run(job(say(source, pin(pushed))))).status).toBe('succeeded')
      await registry.pause()
      /** A run, and what it had said when it was told of the registry. */
      const begin = (pipeline: string, words: RegExp) => {
        const { promise, resolve } = Promise.withResolvers<readonly string[]>()
        const ran = place.run(pipeline, { onLines: (lines) => lines.some((line) => words.test(line)) && resolve([...lines]) })
        return { ran, told: Promise.race([promise, ran.then(({ text }) => Promise.reject(new Error(`it ended: ${text}`)))]) }
      }
      const runs = [
        begin(job(say(source, pin(pushed))), new RegExp(`${registry.host}.*connection refused.*trying again for up to`)),
        begin(job(say(source)), new RegExp(`registry cannot be reached: ${registry.host}/app.*connection refused; trying again in`)),
      ]
      for (const { told } of runs) expect(started({ lines: await told })).toBe(false)
      await registry.resume()
      for (const { ran } of runs) {
        const { status, text } = await ran
        expect(status, text).toBe('succeeded')
      }
    } finally {
      await registry.stop()
    }
  })
})

/** Runs until its pod's image is known, and how the node came by it. */
const untilKnown = (place: Place, name: string) => `wget -qO- http://${world.front.host}/known/${place.name}/${name} || true`

async function answerWhenKnown({ path }: { readonly path: string }): Promise<void> {
  const [, place = '', name] = /^\/known\/([^/]+)\/(.+)$/.exec(path) ?? []
  if (name === undefined) return
  await until(`the image of the pod of ${name} to be known`, () => {
    const { pods, events } = world.watches
    const pod = pods.objects().find(({ last: { metadata: { labels } } }) => labels?.['airside.dev/pipeline']?.startsWith(`${place}-`) === true && labels['airside.dev/step'] === name)?.last
    const runs = pod?.status?.containerStatuses?.some((container) => container.name === 'step' && container.imageID !== '') === true
    return Promise.resolve(runs && events.objects().some(({ last: { reason, involvedObject } }) => reason === 'Pulled' && involvedObject?.name === pod.metadata.name && involvedObject.fieldPath === 'spec.containers{step}'))
  })
}

test('W19: what is shown of each image is what its pod ran: digest, node, pull, and the bytes that went through the server', async () => {
  const [native, physical, node] = (['native', 'physical', 'node'] as const).map((mode) => world.place('shown', mode))
  if (native === undefined || physical === undefined || node === undefined) throw new Error('no places')
  const type = resourceFiles().map((file) => (file.path === 'opt/resource/in' ? { ...file, content: `#!/bin/sh\ncat >/dev/null; ${untilKnown(native, 'tag')}; echo '{"version":{"n":"1"}}'\n` } : file))
  const pushed = {
    app: await native.push('app', await wordImage('new')), old: await native.push('app', await wordImage('old'), '1'),
    type: await native.push('type', await busyboxImage(type), '2'), fetched: await physical.push('app', await wordImage('fetched')), nodes: await push('shown/app', await wordImage('for nodes')),
  }
  const sourceAt = ({ at }: Place) => `{repository: ${at}/app, insecure: true}`
  const task = (place: Place, name: string, version = '', source = sourceAt(place)) => `{task: ${name}, ${run(untilKnown(place, name), `image_resource: {type: registry-image, source: ${source}${version}}, `)}}`
  const byTag = decodePlan({
    id: '1', get: {
      name: 'tag', type: 'custom', source: {}, version: { n: '1' },
      image: { base_type: 'registry-image', get_plan: { id: '1/image-get', get: { name: 'custom', type: 'registry-image', source: { repository: `${native.at}/type`, tag: '2', insecure: true }, image: { base_type: 'registry-image' } } } },
    },
  })
  if (!byTag.ok) throw new Error(byTag.error)
  world.front.hooks.add(answerWhenKnown)
  const rans = await Promise.all([
    native.run(job(task(native, 'fresh'), task(native, 'pin', pin(pushed.old)))),
    native.runPlan(byTag.value),
    physical.run(job(task(physical, 'fetched'))),
    node.run(job(task(node, 'found', '', sourceOf('shown/app', withCredentials, nodesOnly)))),
  ])
  // A build of its own: pods that are made ready ahead pull at the same time.
  rans.push(await native.run(job(task(native, 'again'), task(native, 'pinned-tag', `, version: {tag: '1'}`))))
  world.front.hooks.delete(answerWhenKnown)
  for (const { status, text } of rans) expect(status, text).toBe('succeeded')
  const shown = (name: string) => ({ image: rans.flatMap(({ steps }) => steps).find((step) => step.name === name)?.image, pod: rans.flatMap(({ pods }) => pods).find(({ step }) => step === name) })
  const pulled = { cached: false, ms: expect.any(Number) as number }
  const cached = { cached: true }
  for (const [name, by, { digest }, pull] of [
    ['fresh', 'check', pushed.app, pulled], ['again', 'check', pushed.app, cached], ['pin', 'pin', pushed.old, pulled], ['pinned-tag', 'pin', pushed.old, cached], ['tag', 'tag', pushed.type, pulled], ['found', 'node', pushed.nodes, pulled],
  ] as const) {
    const { image, pod } = shown(name)
    expect(image, name).toMatchObject({ by, digest, native: true, layerBytes: 0, pull: { ...pull, node: pod?.node } })
    expect(image, name).not.toHaveProperty('whyNot')
    expect(pod?.imageId.split('@')[1], name).toBe(digest)
    expect(pod?.node, name).not.toBe('')
  }
  const { image, pod } = shown('fetched')
  expect(image).toMatchObject({ by: 'artifact', native: false, whyNot: 'native image fetch is off', pull: { ...pulled, node: pod?.node } })
  expect(image?.layerBytes).toBeGreaterThan(0)
})

/** Every row of every table as text, binary ones as what they hold. */
async function dump(db: Db): Promise<string> {
  const tables = await db.query<{ name: string }>("select table_name as name from information_schema.tables where table_schema = 'public'")
  const rows = await Promise.all(tables.map(({ name }) => db.query<{ row: string }>(`select t::text as row from "${name}" t`)))
  return rows.flat().map(({ row }) => row.replaceAll(/\\+x([0-9a-f]+)/g, (_all, hex: string) => Buffer.from(hex, 'hex').toString('latin1'))).join('\n')
}
