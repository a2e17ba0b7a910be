import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodePlan } from '../../../src/planner/plan-json.ts'
import { busyboxImage, multiArchBusybox } from '../../services/images.ts'
import { pushIndex } from '../../services/push-image.ts'
import { registryImageResource } from '../../services/registry-image-resource.ts'
import { resourceFiles } from '../resource-files.ts'
import { expectFetched, expectPinned, expectPulled, imageEvents, podLines } from './wire.ts'
import { imageWorld, wordImage, type ImageWorld, type Mode } from './world.ts'

let world: ImageWorld
beforeAll(async () => {
  world = await imageWorld(['native', 'physical'])
})
afterAll(() => world.stop(), 120_000)

const unique = () => ({ path: 'unique', content: randomBytes(32).toString('hex') })
const run = (script: string, more = '') => `config: {platform: linux, ${more}run: {path: sh, args: [-ec, '${script}']}}`
const said = (text: string, line: string) => expect(text).toMatch(new RegExp(`^${line}\\r?$`, 'm'))

/** Every way in which a pipeline names an image, with native image fetch and without: one pipeline, one outcome, other pods. */
describe.concurrent.each<Mode>(['native', 'physical'])('images, %s', (mode) => {
  const native = mode === 'native'

  test('types in a chain, three deep: a registry image, and images that types of the pipeline fetch', async () => {
    const place = world.place('chain', mode)
    const fetcher = await place.push('fetcher', await registryImageResource([unique()]))
    await place.push('second', await registryImageResource([unique()]))
    await place.push('third', await busyboxImage(resourceFiles()))
    await place.push('tools', await wordImage('chained'))
    const ran = await place.run(`
resource_types:
- {name: fetcher, type: registry-image, source: {repository: ${place.at}/fetcher, insecure: true}}
- {name: second, type: fetcher, source: {repository: ${place.at}/second}, defaults: {repository: ${place.at}/tools}}
- {name: third, type: second, source: {repository: ${place.at}/third}}
resources:
- {name: deep, type: third, source: {}}
- {name: out, type: third, source: {other: true}}
jobs:
- name: job
  plan:
  - get: deep
  - task: read
    ${run('cat /word deep/file > made/file; cat /word', `image_resource: {type: second}, inputs: [{name: deep}], outputs: [{name: made}], `)}
  - {put: out, params: {made: made/file}, no_get: true}
`)
    expect(ran.status, ran.text).toBe('succeeded')
    said(ran.text, 'chained')
    const of = native ? 'fetcher' : 'artifact'
    expect(podLines(ran)).toEqual([
      'check deep artifact', ...(native ? [] : ['check fetcher base']), 'check image artifact', `check second ${of}`, 'check third artifact',
      'get deep artifact', ...(native ? [] : ['get fetcher base']), 'get image artifact', `get second ${of}`, 'get third artifact',
      'put out artifact', 'task read artifact',
    ])
    expect(ran.pods.filter(({ type, step }) => type === 'get' && ['fetcher', 'second', 'third'].includes(step)).length, 'types are fetched once').toBe(native ? 2 : 3)
    // Its image is checked for the get of a resource, for a task and for a put, which come one after the other.
    expect(ran.lines.filter((line) => /^initialize-check .*"name":"second"/.test(line)).length).toBeGreaterThan(3)
    expect(ran.pods.filter(({ type, step }) => type === 'check' && step === 'second').length, 'one config, one container for its checks').toBe(1)
    expectPinned(ran)
    await (native ? expectPulled(place, 'fetcher', fetcher.digest) : expectFetched(place, 'fetcher'))
    for (const name of ['second', 'third', 'tools']) await expectFetched(place, name)
  })

  test('gets of images: run from, read as files, and both; a put of an image and its get', async () => {
    const place = world.place('gets', mode)
    const pushed = {
      app: await place.push('app', await wordImage('app')),
      files: await place.push('files', await wordImage('files')),
      both: await place.push('both', await wordImage('both')),
    }
    const ran = await place.run(`
resources:
${[...Object.keys(pushed), 'made'].map((name) => `- {name: ${name}, type: registry-image, source: {repository: ${place.at}/${name}, insecure: true}}`).join('\n')}
jobs:
- name: job
  plan:
  - in_parallel: [{get: app}, {get: files, params: {format: oci}}, {get: both}]
  - {task: run-app, image: app, ${run('cat /word')}}
  - {task: read-files, image: app, ${run('test -s files/image.tar && echo "files are $(cat files/digest)"', 'inputs: [{name: files}], ')}}
  - {task: run-both, image: both, ${run('cat both/rootfs/word /word', 'inputs: [{name: both}], ')}}
  - {put: made, params: {image: files/image.tar}}
  - {task: run-made, image: made, ${run('cat /word')}}
`)
    expect(ran.status, ran.text).toBe('succeeded')
    said(ran.text, 'app')
    said(ran.text, `files are ${pushed.files.digest}`)
    expect(ran.text).toMatch(/both\r?\nboth\r?\n/)
    said(ran.text, 'files')
    const gets = native ? ['get both base', 'get files base'] : ['check app base', 'check both base', 'check files base', 'get app base', 'get both base', 'get files base', 'get made base']
    const image = (name: string) => (native ? name : 'artifact')
    expect(podLines(ran)).toEqual([...gets, 'put made base', `task read-files ${image('app')}`, `task run-app ${image('app')}`, `task run-both ${image('both')}`, `task run-made ${image('made')}`])
    expectPinned(ran)
    if (!native) return expectFetched(place, 'app')
    await expectPulled(place, 'app', pushed.app.digest)
    await expectFetched(place, 'files')
    // What the put says is what a check finds: no push is two versions.
    const { images } = world.app(mode).services
    const found = await images.check({ repository: `${place.at}/made`, insecure: true }, { from: undefined, image: false }, new AbortController().signal)
    const version = found.ok ? found.value[0] : undefined
    expect(version).toMatchObject({ tag: 'latest' })
    for (const step of ['finish-put put:made', 'finish-get get:made']) expect(ran.lines.find((line) => line.startsWith(step))).toContain(`"version":${JSON.stringify(version)}`)
  })

  test('pins of every kind, while the tag means something newer', async () => {
    const place = world.place('pins', mode)
    const old = await place.push('pinned', await wordImage('old'), '1')
    await place.push('pinned', await wordImage('new'))
    const source = (more = '') => `{repository: ${place.at}/pinned, insecure: true${more}}`
    const task = (name: string, image: string) => `{task: ${name}, ${run(`echo "${name} $(cat /word)"`, `image_resource: {type: registry-image, ${image}}, `)}}`
    const ran = await place.run(`
resources:
- {name: by-resource, type: registry-image, source: ${source()}, version: {tag: '1', digest: '${old.digest}'}}
- {name: by-get, type: registry-image, source: ${source(', tag: 1')}}
jobs:
- name: job
  plan:
  - get: by-resource
  - {get: by-get, version: {digest: '${old.digest}'}}
  - in_parallel:
    - {task: resource, image: by-resource, ${run('echo "resource $(cat /word)"')}}
    - {task: get, image: by-get, ${run('echo "get $(cat /word)"')}}
    - ${task('both', `source: ${source()}, version: {tag: '1', digest: '${old.digest}'}`)}
    - ${task('digest', `source: ${source()}, version: {digest: '${old.digest}'}`)}
    - ${task('tag', `source: ${source()}, version: {tag: '1'}`)}
    - ${task('number', `source: ${source(', tag: 1')}`)}
    - ${task('none', `source: ${source()}`)}
${native ? `    - ${task('source', `source: ${source(`, digest: '${old.digest}'`)}`)}` : ''}
`)
    expect(ran.status, ran.text).toBe('succeeded')
    for (const name of ['resource', 'get', 'both', 'digest', 'tag', 'number', ...(native ? ['source'] : [])]) said(ran.text, `${name} old`)
    said(ran.text, 'none new')
    expectPinned(ran)
    // A pin is not checked.
    const gotten = (version: string) => ['initialize-get', 'start-get', 'finish-get'].map((event, index) => `${event} digest/image-get${index < 2 ? '' : ` {"exit_status":0,"version":${version},"metadata":${native ? 'null' : '[]'}}`}`)
    expect(imageEvents(ran, 'digest')).toEqual(['image-get digest (plan)', ...gotten(JSON.stringify({ digest: old.digest }))])
    if (!native) return
    expect(new Map(ran.pods.map(({ step, image }) => [step, image]))).toEqual(
      new Map(['resource', 'get', 'both', 'digest', 'tag', 'number', 'source', 'none'].map((step) => {
        const tag = ['digest', 'source', 'none'].includes(step) ? 'latest' : '1'
        return [step, step === 'none' ? expect.stringContaining('/pinned:latest@') as string : `${place.at}/pinned:${tag}@${old.digest}`]
      })),
    )
    const refused = await place.run(`{jobs: [{name: job, plan: [${task('name', `source: {repository: '${place.at}/pinned@${old.digest}', insecure: true}`)}]}]}`)
    expect(refused.status).toBe('errored')
    expect(refused.text).toMatch(/pinned@sha256:.*(digest|version)/)
    expect(refused.pods).toEqual([])
  })

  test('its variables and user, its entrypoint and folder; privileged tasks and types', async () => {
    const place = world.place('config', mode)
    const mask = 'grep CapBnd /proc/self/status | cut -f2'
    const resource = resourceFiles().map((file) => (file.path === 'opt/resource/in' ? { ...file, content: `#!/bin/sh\ncat >/dev/null; echo "type $(${mask})" >&2; echo '{"version":{"n":"1"}}'\n` } : file))
    await place.push('type', await busyboxImage(resource))
    await place.push('app', await busyboxImage([unique(), { path: 'home/app/entry', content: '#!/bin/sh\necho "entry $MARK $(id -un) $(pwd) $*"\n', mode: 0o755 }], undefined, {
      Entrypoint: ['./entry', 'one'], Cmd: ['two'], User: 'app', WorkingDir: '/home/app', Env: ['PATH=/bin', 'MARK=of-the-image'],
    }))
    const image = `image_resource: {type: registry-image, source: {repository: ${place.at}/app, insecure: true}}, `
    const ran = await place.run(`
resource_types:
- {name: plain, type: registry-image, source: {repository: ${place.at}/type, insecure: true}}
- {name: mighty, type: registry-image, privileged: true, source: {repository: ${place.at}/type, insecure: true}}
resources:
- {name: weak, type: plain, source: {}}
- {name: strong, type: mighty, source: {}}
jobs:
- name: job
  plan:
  - {get: weak, version: {n: '1'}}
  - {get: strong, version: {n: '1'}}
  - {task: as-user, ${run('echo "runs $MARK $(id -un) $(basename $(dirname $(pwd)))"', image)}}
  - {task: plain, ${run(`echo "plain $(${mask})"`, image)}}
  - {task: privileged, privileged: true, ${run(`echo "privileged $(${mask})"`, image)}}
${native ? `  - {task: entry, config: {platform: linux, ${image}run: {args: [three]}}}` : ''}
`)
    expect(ran.status, ran.text).toBe('succeeded')
    said(ran.text, 'runs of-the-image app build')
    if (native) said(ran.text, 'entry of-the-image app /home/app one two three')
    const mayMount = Object.fromEntries([...ran.text.matchAll(/(type|plain|privileged) ([0-9a-f]{16})/g)].map(([, who = '', bits], index) => [`${who}${who === 'type' ? index : ''}`, ((BigInt(`0x${bits}`) >> 21n) & 1n) === 1n]))
    expect(mayMount).toEqual({ type0: false, type1: true, plain: false, privileged: true })
    expectPinned(ran)
    expect(ran.used.filter(({ privileged }) => privileged).map(({ image: used }) => used.replace(/^.*\/([^/:@]+)[^/]*$/, '$1')).toSorted()).toEqual(expect.arrayContaining(['app', 'type']))
  })

  test('a tag that moves between the check and the pod: the build runs what was checked, the next one what is new', async () => {
    const place = world.place('moving', mode)
    const first = await place.push('app', await wordImage('first'))
    const second = await wordImage('second')
    const moved: string[] = []
    const move = async ({ path, status }: { path: string; status: number }) => {
      if (moved.length > 0 || status !== 200 || !path.endsWith(`${place.at.replace(/^[^/]+/, '')}/app/manifests/latest`)) return
      moved.push(path)
      await place.push('app', second)
    }
    world.front.hooks.add(move)
    const pipeline = `{jobs: [{name: job, plan: [{task: say, ${run('echo "runs $(cat /word)"', `image_resource: {type: registry-image, source: {repository: ${place.at}/app, insecure: true}}, `)}}]}]}`
    const before = await place.run(pipeline)
    world.front.hooks.delete(move)
    expect(before.status, before.text).toBe('succeeded')
    expect(moved.length).toBe(1)
    said(before.text, 'runs first')
    const version = (digest: string) => `{"tag":"latest","digest":"${digest}"}`
    const events = (digest: string) => [
      'image-check say (plan)', 'image-get say (plan)',
      'initialize-check say/image-check {"name":"image"}', 'start say/image-check', 'finish say/image-check {"succeeded":true}',
      'initialize-get say/image-get', 'start-get say/image-get', `finish-get say/image-get {"exit_status":0,"version":${version(digest)},"metadata":${native ? 'null' : '[]'}}`,
    ]
    expect(imageEvents(before, 'say')).toEqual(events(first.digest))
    const after = await place.run(pipeline)
    said(after.text, 'runs second')
    expect(imageEvents(after, 'say')).toEqual(events(second.manifest.digest))
    if (native) for (const { digest } of [first, second.manifest]) expect([before, after].flatMap(({ pods }) => pods.map(({ image }) => image))).toContain(`${place.at}/app:latest@${digest}`)
  })

  test('a plan that a client made, with image plans of its own', async () => {
    const place = world.place('client', mode)
    const { digest } = await place.push('custom', await busyboxImage(resourceFiles()))
    const source = { repository: `${place.at}/custom`, insecure: true }
    const image = { base_type: 'registry-image' }
    const plan = decodePlan({
      id: '5f0a', do: [
        {
          id: '5f0b', get: {
            name: 'code', type: 'custom', source: {}, version: { n: '1' }, image: {
              ...image,
              check_plan: { id: '5f0b/image-check', check: { name: 'custom', type: 'registry-image', source, image } },
              get_plan: { id: '5f0b/image-get', get: { name: 'custom', type: 'registry-image', source, image, version_from: '5f0b/image-check' } },
            },
          },
        },
        {
          id: '5f0c', task: {
            name: 'one-off', privileged: false, resource_types: [{ name: 'custom', type: 'registry-image', source }],
            config: { platform: 'linux', image_resource: { type: 'registry-image', source, version: { tag: 'latest', digest } }, inputs: [{ name: 'code' }], run: { path: 'cat', args: ['code/file'] } },
          },
        },
      ],
    })
    if (!plan.ok) throw new Error(plan.error)
    const ran = await place.runPlan(plan.value)
    expect(ran.status, ran.text).toBe('succeeded')
    said(ran.text, 'fetched')
    expect(podLines(ran)).toEqual(native ? ['get code custom', 'task one-off custom'] : ['check custom base', 'get code artifact', 'get custom base', 'task one-off artifact'])
    expectPinned(ran)
    const version = JSON.stringify({ tag: 'latest', digest })
    expect(imageEvents(ran, 'get:code')).toEqual([
      'initialize-check get:code/image-check {"name":"custom"}', 'start get:code/image-check', 'finish get:code/image-check {"succeeded":true}',
      'initialize-get get:code/image-get', 'start-get get:code/image-get', `finish-get get:code/image-get {"exit_status":0,"version":${version},"metadata":${native ? 'null' : '[]'}}`,
    ])
    if (native) await expectPulled(place, 'custom', digest)
  })
})

test('an image for several architectures: the node is told the digest of its index', async () => {
  const place = world.place('index', 'native')
  const { images, index } = await multiArchBusybox()
  const { host, url } = world.cluster.registry
  await pushIndex({ url, host }, place.at.slice(place.at.indexOf('/') + 1), 'latest', { images, index })
  const ran = await place.run(`{jobs: [{name: job, plan: [{task: say, ${run('uname -m', `image_resource: {type: registry-image, source: {repository: ${place.at}, insecure: true}}, `)}}]}]}`)
  expect(ran.status, ran.text).toBe('succeeded')
  expect(ran.pods.map(({ image }) => image)).toEqual([`${place.at}:latest@${index.digest}`])
  expectPinned(ran)
})

test('an image that is not there: its check and get show the error, and no pod is made', async () => {
  const place = world.place('missing', 'native')
  const ran = await place.run(`{jobs: [{name: job, plan: [{task: say, ${run('true', `image_resource: {type: registry-image, source: {repository: ${place.at}/nobody, insecure: true}}, `)}}]}]}`)
  expect(ran.status).toBe('errored')
  const error = expect.stringContaining(`image not found: ${place.at}/nobody: `) as string
  expect(imageEvents(ran, 'say')).toEqual(['image-check say (plan)', 'image-get say (plan)', 'initialize-check say/image-check {"name":"image"}', error, error])
  expect(imageEvents(ran, 'say').slice(-2).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual(['error say/image-check', 'error say/image-get'])
  expect(ran.pods).toEqual([])
})
