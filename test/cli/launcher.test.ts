import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const launcher = join(import.meta.dirname, '..', '..', 'bin', 'airside')

/** The environment that bin/airside gives its Node. */
async function environment(given: Readonly<Record<string, string>> = {}): Promise<NodeJS.ProcessEnv> {
  const print = 'process.stdout.write(JSON.stringify(process.env)); process.exit(0)'
  const { stdout } = await promisify(execFile)(launcher, [], { env: { PATH: process.env['PATH'], HOME: '/dev/null', NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(print)}`, ...given } })
  return JSON.parse(stdout) as NodeJS.ProcessEnv
}

test('the launcher has freed memory given back and compiled code kept, unless the user says otherwise', async () => {
  expect(await environment()).toMatchObject({ MALLOC_TRIM_THRESHOLD_: '1048576', MALLOC_MMAP_THRESHOLD_: '1048576', NODE_COMPILE_CACHE: '/dev/null/.cache/airside/node' })
  expect(await environment({ MALLOC_TRIM_THRESHOLD_: '5', NODE_COMPILE_CACHE: '/dev/null/c' })).toMatchObject({ MALLOC_TRIM_THRESHOLD_: '5', MALLOC_MMAP_THRESHOLD_: '1048576', NODE_COMPILE_CACHE: '/dev/null/c' })
})
