import { expect } from 'vitest'
import type { ArtifactRef } from '../../../model/artifact.ts'
import type { Cases } from '../cases.ts'
import { contentsOf, file } from '../tree.ts'

const work = '/tmp/build/work'

/** Inputs, outputs and caches come into a container and out of it. */
export const artifactCases: Cases = {
  'unpacks an input with mode, time and links': async ({ run, store }) => {
    const artifact = await store({
      'bin/tool': file('#!/bin/sh\necho tool ran\n', { mode: 0o755, mtime: 1_600_000_000 }),
      'bin/alias': { type: 'symlink', target: 'tool' },
      bin: { type: 'directory', mode: 0o750 },
    })
    const { stdout } = await run('in/bin/alias; stat -c "%a %Y" in/bin/tool; stat -c %a in/bin; readlink in/bin/alias', { inputs: [{ name: 'in', path: `${work}/in`, artifact }] })
    expect(stdout).toBe('tool ran\n755 1600000000\n750\ntool\n')
  },

  'stores an output with mode, time, owner and links': async ({ run, output }) => {
    const { result, events } = await run(
      'cd out && mkdir sub && echo text > sub/file && chmod 640 sub/file && touch -d @1500000000 sub/file && chown 1000:2000 sub/file && ln -s sub/file link && ln sub/file hard',
      { outputs: [{ name: 'out', path: `${work}/out` }] },
    )
    const tree = await output(result, 'out')
    expect(tree['link']).toMatchObject({ type: 'symlink', target: 'sub/file' })
    expect(tree['hard']).toMatchObject({ type: 'file', content: 'text\n' })
    expect(tree['sub/file']).toMatchObject({ type: 'link', target: 'hard', mode: 0o640, mtime: 1_500_000_000, uid: 1000, gid: 2000 })
    expect(events.map(({ event }) => event)).toEqual(['started', 'stored'])
  },

  'gives inputs and outputs to the process’s user': async ({ run, store, output }) => {
    const artifact = await store({ 'dir/file': file('input') })
    const { result, stdout } = await run('echo more >> in/dir/file && cat in/dir/file && cp in/dir/file out/', {
      process: { user: 'app' },
      inputs: [{ name: 'in', path: `${work}/in`, artifact }],
      outputs: [{ name: 'out', path: `${work}/out` }],
    })
    expect(stdout).toBe('inputmore\n')
    expect(await output(result, 'out')).toMatchObject({ file: { uid: 1000, gid: 1000 } })
  },

  'carries a cache from one step to the next': async ({ run, output }) => {
    const caches = (artifact?: ArtifactRef) => [{ name: 'cache', path: `${work}/cache`, ...(artifact === undefined ? {} : { artifact }) }]
    const { result } = await run('echo one > cache/file', { caches: caches() })
    expect(contentsOf(await output(result, 'cache'))).toEqual({ file: 'one\n' })
    const [cache] = result.outputs
    if (cache === undefined || !('artifact' in cache)) throw new Error('no cache came')
    const second = await run('cat cache/file; echo two > cache/file', { caches: caches(cache.artifact) })
    expect(second.stdout).toBe('one\n')
    expect(contentsOf(await output(second.result, 'cache'))).toEqual({ file: 'two\n' })
  },

  'errors when an input is not in the store': async ({ run, store }) => {
    const artifact = { ...(await store({ file: file('x') })), digest: `sha256:${'0'.repeat(64)}` as const }
    const { result } = await run('echo never', { inputs: [{ name: 'gone', path: `${work}/in`, artifact }] })
    expect(result.outcome).toMatchObject({ kind: 'error', reason: 'input-failed' })
  },

  'fetches inputs in advance, and the assignment uses them': async ({ prepare, start, assignment, store }) => {
    const artifact = await store({ file: file('ahead') })
    const container = await prepare()
    container.prefetch([artifact])
    container.prefetch([artifact])
    const run = start(container, assignment('cat in/file', { inputs: [{ name: 'in', path: `${work}/in`, artifact }] }))
    expect((await run.result()).outcome).toEqual({ kind: 'exited', status: 0 })
    expect(run.collected.stdout).toBe('ahead')
  },
}
