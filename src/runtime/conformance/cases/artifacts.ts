import { expect } from 'vitest'
import type { ArtifactRef } from '../../../model/artifact.ts'
import type { Cases } from '../cases.ts'
import { contentsOf, file } from '../tree.ts'

const work = '/tmp/build/work'

/** Inputs, outputs and caches. */
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

  'gives equal trees equal digests': async ({ run }) => {
    const outputs = [
      { name: 'one', path: `${work}/one` },
      { name: 'two', path: `${work}/two` },
    ]
    const { result } = await run('for d in one two; do echo same > $d/file; touch -d @1 $d/file $d; done', { outputs })
    const [one, two] = result.outputs
    expect(one).toHaveProperty('artifact')
    expect(one && 'artifact' in one && one.artifact).toEqual(two && 'artifact' in two && two.artifact)
  },

  'keeps the outputs of a process that failed': async ({ run, output }) => {
    const { result } = await run('echo half > out/file; exit 1', { outputs: [{ name: 'out', path: `${work}/out` }] })
    expect(result.outcome).toEqual({ kind: 'exited', status: 1 })
    expect(contentsOf(await output(result, 'out'))).toEqual({ file: 'half\n' })
  },

  'makes the folder of an output, empty': async ({ run, output }) => {
    const { result } = await run('true', { outputs: [{ name: 'out', path: `${work}/out` }] })
    expect(await output(result, 'out')).toEqual({})
  },

  'stores an empty output where the process removed its folder': async ({ run, output }) => {
    const { result } = await run('rmdir out', { outputs: [{ name: 'out', path: `${work}/out` }] })
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
    expect(await output(result, 'out')).toEqual({})
  },

  'says which output cannot be stored': async ({ run }) => {
    const { result } = await run('rmdir out; echo text > out', { outputs: [{ name: 'out', path: `${work}/out` }] })
    expect(result.outputs).toEqual([{ name: 'out', error: expect.stringMatching(/./) as string }])
  },

  'stores in an output the content that a cache covers': async ({ run, store, output }) => {
    const artifact = await store({ 'main.c': file('src'), 'target/.gitignore': file('*') })
    const { result, stdout } = await run('find repo -type f; echo o > repo/target/main.o', {
      inputs: [{ name: 'repo', path: `${work}/repo`, artifact }],
      outputs: [{ name: 'repo', path: `${work}/repo` }],
      caches: [{ name: 'target', path: `${work}/repo/target` }],
    })
    expect(stdout).toBe('repo/main.c\n')
    expect(contentsOf(await output(result, 'repo'))).toEqual({ 'main.c': 'src', 'target/.gitignore': '*' })
    expect(contentsOf(await output(result, 'target'))).toEqual({ 'main.o': 'o\n' })
  },

  'nests inputs in inputs': async ({ run, store }) => {
    const [outer, inner] = [await store({ 'a/file': file('outer') }), await store({ file: file('inner') })]
    const { stdout } = await run('cat in/a/file in/a/b/file', {
      inputs: [
        { name: 'outer', path: `${work}/in`, artifact: outer },
        { name: 'inner', path: `${work}/in/a/b`, artifact: inner },
      ],
    })
    expect(stdout).toBe('outerinner')
  },

  'nests an output in an input': async ({ run, store, output }) => {
    const artifact = await store({ source: file('source') })
    const { result } = await run('cp in/source in/out/copy', { inputs: [{ name: 'in', path: `${work}/in`, artifact }], outputs: [{ name: 'out', path: `${work}/in/out` }] })
    expect(contentsOf(await output(result, 'out'))).toEqual({ copy: 'source' })
  },

  'lets an input and an output share a path': async ({ run, store, output }) => {
    const artifact = await store({ old: file('old') })
    const { result } = await run('echo new > in/new', { inputs: [{ name: 'in', path: `${work}/in`, artifact }], outputs: [{ name: 'out', path: `${work}/in` }] })
    expect(contentsOf(await output(result, 'out'))).toEqual({ old: 'old', new: 'new\n' })
  },

  'stores the working directory as an output, without the inputs in it': async ({ run, store, output }) => {
    const artifact = await store({ file: file('input') })
    const { result } = await run('echo top > top', { inputs: [{ name: 'in', path: `${work}/in`, artifact }], outputs: [{ name: 'out', path: work }] })
    expect(contentsOf(await output(result, 'out'))).toEqual({ top: 'top\n' })
  },

  'takes the working directory as an input': async ({ run, store }) => {
    const artifact = await store({ file: file('input') })
    const { stdout } = await run('cat file', { inputs: [{ name: 'in', path: work, artifact }] })
    expect(stdout).toBe('input')
  },

  'does not change a stored input': async ({ run, store, harness }) => {
    const artifact = await store({ file: file('before') })
    const inputs = [{ name: 'in', path: `${work}/in`, artifact }]
    await run('echo after > in/file', { inputs })
    expect((await run('cat in/file', { inputs })).stdout).toBe('before')
    expect((await harness.artifacts.get(artifact)).length).toBe(artifact.size)
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

  'refuses an input that writes outside its folder': async ({ run, store }) => {
    const artifact = await store({ way: { type: 'symlink', target: '/tmp' }, 'way/escaped': file('out') })
    const { result } = await run('ls /tmp/escaped', { inputs: [{ name: 'in', path: `${work}/in`, artifact }] })
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
