import { expect, test } from 'vitest'
import { emptyImageConfig } from '../model/image.ts'
import { taskCommand } from './task-command.ts'

const image = { ...emptyImageConfig, entrypoint: ['./app', '-v'], cmd: ['serve'], workingDir: '/srv' }
const layout = { workingDirectory: '/tmp/build/1', inputs: [], outputs: [], caches: [] }
const config = (run?: object) => ({ platform: 'linux', ...(run && { run }) }) as Parameters<typeof taskCommand>[0]
const own = { path: '/srv/app', args: ['-v', 'serve'] }

test.each([
  ['its own path, in the task’s folder', { path: './x', args: ['y'] }, {}, {}, { path: './x', args: ['y'], dir: '/tmp/build/1' }],
  ['its own path, in a folder of the task', { path: 'x', dir: 'sub' }, {}, {}, { path: 'x', args: [], dir: '/tmp/build/1/sub' }],
  ['the image’s command, in the image’s folder', undefined, {}, {}, { ...own, dir: '/srv' }],
  ['the image’s command with args', { args: ['z'] }, {}, {}, { path: '/srv/app', args: ['-v', 'serve', 'z'], dir: '/srv' }],
  ['the image’s command where `dir` says', { dir: '.' }, {}, {}, { ...own, dir: '/tmp/build/1' }],
  ['the image’s command where the task has outputs', undefined, { outputs: [{ name: 'o', path: '/tmp/build/1/o', artifactName: 'o' }] }, {}, { ...own, dir: '/tmp/build/1' }],
  ['the command of an image without a folder', undefined, {}, { workingDir: '' }, { path: '/app', args: ['-v', 'serve'], dir: '/tmp/build/1' }],
  ['a name, to be looked for in PATH', undefined, {}, { entrypoint: ['app'], cmd: [] }, { path: 'app', args: [], dir: '/srv' }],
])('runs %s', (...[, run, more, other, value]) => {
  expect(taskCommand(config(run), { ...layout, ...more }, { ...image, ...other })).toEqual({ ok: true, value })
})

test('has nothing to run', () => {
  expect(taskCommand(config(), layout, emptyImageConfig)).toMatchObject({ ok: false, error: expect.stringContaining('nothing to run') as string })
})
