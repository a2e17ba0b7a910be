import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../src/images/server/start-registry.ts'
import { startPodman, type Podman } from '../services/podman.ts'
import { airside } from './airside.ts'

/** Steps and modifiers beyond get, put and task, from a file to the log of `airside run`. */
describe('load_var, across, tags and hermetic', () => {
  let folder: string
  let podman: Podman
  let registry: RunningRegistry

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-steps-'))
    podman = await startPodman()
    registry = await startRegistry({ dir: join(folder, 'registry') })
    const client = new RegistryClient({})
    await pushDemoImages(client, registry.host, '')
    await client.close()
  })

  afterAll(async () => {
    await registry.stop()
    await podman.stop()
    await rm(folder, { recursive: true, force: true })
  })

  const run = (...args: string[]) => airside(args, { DOCKER_HOST: podman.dockerHost })
  const task = (name: string, script: string, fields: object = {}, step: object = {}) => ({
    task: name,
    config: { platform: 'linux', image_resource: { type: 'registry-image', source: { repository: `${registry.host}/tools`, tag: '1', insecure: true } }, run: { path: 'sh', args: ['-c', script] }, ...fields },
    ...step,
  })
  async function pipeline(name: string, ...plan: object[]): Promise<string> {
    const file = join(folder, `${name}.yml`)
    await writeFile(file, JSON.stringify({ jobs: [{ name: 'job', plan }] }))
    return file
  }
  const lists = (values: string) => task('lists', `echo '${values}' > made/list.json; printf 'k7-%s' token > made/token`, { outputs: [{ name: 'made' }] })

  test('values of a file are loaded and run across, each without a network; what is not revealed is redacted', async () => {
    const file = await pipeline(
      'across',
      lists('["one", "two"]'),
      { load_var: 'list', file: 'made/list.json', reveal: true },
      { load_var: 'token', file: 'made/token' },
      task('says', 'echo "$WORD $TOKEN: $(ls /sys/class/net)"', { params: { WORD: '((.:word))', TOKEN: '((.:token))' } }, { hermetic: true, tags: ['here'], across: [{ var: 'word', values: '((.:list))', max_in_flight: 'all' }] }),
    )
    const ended = await run('run', file, '--data', join(folder, 'across'), '--tag', 'here').ended
    expect(ended.status, ended.stdout + ended.stderr).toBe(0)
    for (const word of ['one', 'two']) expect(ended.stdout.replaceAll('\r', '')).toContain(`task says (${word}) | ${word} ((redacted)): lo\n`)
    expect(ended.stdout + ended.stderr).not.toContain('k7-token')
    const refused = await run('run', file, '--data', join(folder, 'across')).ended
    expect(refused.status).not.toBe(0)
    expect(refused.stdout + refused.stderr).toMatch(/task says: here/)
  })

  test('killed with -9 in the middle of an across and resumed: the same steps go on, each once', async () => {
    const data = join(folder, 'killed')
    const count = 'for i in 1 2 3 4 5 6 7 8 9 10; do echo "((.:word)) $i"; sleep 0.1; done'
    const file = await pipeline('killed', lists('["one", "two"]'), { load_var: 'list', file: 'made/list.json', reveal: true }, task('t-((.:word))', count, {}, { across: [{ var: 'word', values: '((.:list))' }] }))
    const first = run('run', file, '--data', data)
    await first.until(/one 5\b/)
    first.child.kill('SIGKILL')
    await first.ended
    const resumed = await run('run', '--resume', '--data', data).ended
    expect(resumed.status, resumed.stderr).toBe(0)
    const lines = resumed.stdout.replaceAll('\r', '').split('\n').filter((line) => /^(one|two) \d+$/.test(line))
    expect(lines).toEqual(['one', 'two'].flatMap((word) => Array.from({ length: 10 }, (_, index) => `${word} ${index + 1}`)))
  })
})
