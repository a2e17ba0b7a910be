import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { alone, longest } from './real-tests.ts'

const root = join(import.meta.dirname, '..')

test('the lists of test files name files that exist', () => {
  expect([...alone, ...longest].filter((file) => !existsSync(join(root, file)))).toEqual([])
})

test('no test and no configuration gives a second try', () => {
  const files = globSync(['vitest*.ts', '{src,test,bench}/**/*.ts'], { cwd: root }).filter((file) => /^vitest|\.(test|suite)\.ts$/.test(file))
  expect(files.length).toBeGreaterThan(100)
  const given = /\bretry: *[1-9]|--retry[= ][1-9]/
  expect(files.filter((file) => given.test(readFileSync(join(root, file), 'utf8')))).toEqual([])
})
