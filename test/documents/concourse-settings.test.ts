import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { concourseOf } from '../../src/cli/settings/sources.ts'
import type { Setting } from '../../src/cli/settings/setting.ts'
import { settings } from '../../src/cli/settings/table.ts'

/** All variables of `concourse web` 8.2.5: the flags of its groups, connectors, credential managers and emitters. */
const all = readFileSync(join(import.meta.dirname, 'concourse-web-variables.txt'), 'utf8').trim().split('\n')
const read = Object.values<Setting>(settings).flatMap((setting) => concourseOf(setting).names).filter((name) => name.startsWith('CONCOURSE_'))
const document = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'concourse-settings.md'), 'utf8')
const explained = [...document.matchAll(/^\| (.*?) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([A-Z0-9_]+)`/g)].map(([, name = '']) => `CONCOURSE_${name}`))

test('each variable of Concourse is read, or the document says what is here in its place', () => {
  expect(all.filter((name) => !read.includes(name) && !explained.includes(name))).toEqual([])
})

test('no variable is named that Concourse has not, that is read, or twice', () => {
  expect([...read, ...explained].filter((name) => !all.includes(name))).toEqual([])
  expect(explained.filter((name, index) => read.includes(name) || explained.indexOf(name) !== index)).toEqual([])
})
