import { expect } from 'vitest'
import type { Cases } from '../cases.ts'
import { contentsOf, file } from '../tree.ts'

const work = '/tmp/build/work'

/** A hermetic container: no network, and the supervisor is reached all the same. */
export const networkCases: Cases = {
  'keeps a hermetic container from the network, and no other': async ({ harness, spec, prepare }) => {
    const [hermetic, plain] = [spec({ hermetic: true }), spec()]
    await Promise.all([prepare(hermetic), prepare(plain)])
    expect(await harness.isCutOff(hermetic.handle)).toBe(true)
    expect(await harness.isCutOff(plain.handle)).toBe(false)
  },

  'brings a hermetic container its inputs, its caches and its outputs': async ({ run, store, output }) => {
    const artifact = await store({ file: file('in\n') })
    const { result, stdout } = await run(
      'cat in/file; echo made > out/file; echo kept > cache/file; ls /sys/class/net | grep -c "^lo$"',
      { inputs: [{ name: 'in', path: `${work}/in`, artifact }], outputs: [{ name: 'out', path: `${work}/out` }], caches: [{ name: 'cache', path: `${work}/cache` }] },
      { hermetic: true },
    )
    expect(stdout).toBe('in\n1\n')
    expect(contentsOf(await output(result, 'out'))).toEqual({ file: 'made\n' })
    expect(contentsOf(await output(result, 'cache'))).toEqual({ file: 'kept\n' })
  },

  'looks up no name in a hermetic container, and says so at once': async ({ run }) => {
    const { result } = await run('timeout 3 nslookup registry.example >/dev/null 2>&1; test $? -ne 0 -a $? -ne 143', {}, { hermetic: true })
    expect(result.outcome).toEqual({ kind: 'exited', status: 0 })
  },
}
