import { expect } from 'vitest'
import type { Cases } from '../cases.ts'
import { contentsOf, file } from '../tree.ts'

const work = '/tmp/build/work'

/** Which folders of a container inputs, outputs and caches are, and what of them is stored. */
export const folderCases: Cases = {
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

  'refuses an input that writes outside its folder': async ({ run, store }) => {
    const artifact = await store({ way: { type: 'symlink', target: '/tmp' }, 'way/escaped': file('out') })
    const { result } = await run('ls /tmp/escaped', { inputs: [{ name: 'in', path: `${work}/in`, artifact }] })
    expect(result.outcome).toMatchObject({ kind: 'error', reason: 'input-failed' })
  },
}
