import { describe, expect, test } from 'vitest'
import type { Json } from '../model/json.ts'
import { decodeTask, parseTask } from './parse-task.ts'
import { staticVars } from './vars/lookup.ts'

const file = 'task.yml'

describe('parseTask', () => {
  test('reads a task file, numbers where text is needed too', () => {
    const { config, findings } = parseTask('platform: linux\nrun: {path: sh, args: [-p, 8080]}\nparams: {A: 1, B: ~}\n', { file })
    expect(findings).toEqual([])
    expect(config).toEqual({ platform: 'linux', run: { path: 'sh', args: ['-p', '8080'] }, params: { A: 1, B: null } })
  })

  test('fills in vars and says which were secret', () => {
    const { config, secrets } = parseTask('platform: linux\nparams: {A: ((a)), B: ((b))}\n', { file, vars: staticVars({ a: 's3cr3t' }, { secret: true }) })
    expect(config?.params).toEqual({ A: 's3cr3t', B: '((b))' })
    expect([...secrets]).toEqual(['s3cr3t'])
  })

  test.each([
    ['', '1:1 the file is empty'],
    ['- x', '1:1 this must be a task config, written as a map, not a list'],
    ['platform: linux\nrun: sh', '2:6 this must be run, written as a map, not the text `sh`'],
    ['run: {path: sh}', '1:1 a task config needs `platform`'],
    ['platform: linux\nouputs: []', '2:1 a task config has no key `ouputs`'],
  ])('%j: %s', (source, remark) => {
    const { config, findings } = parseTask(source, { file })
    expect(config).toBeUndefined()
    expect(findings.map(({ line, column, message }) => `${line}:${column} ${message}`)).toEqual([remark])
  })
})

describe('decodeTask', () => {
  test('takes a value whose vars were filled in', () => {
    expect(decodeTask({ platform: 'linux', run: { path: 'sh', args: [8080, true] } }, { file }).config).toEqual({
      platform: 'linux',
      run: { path: 'sh', args: ['8080', 'true'] },
    })
  })

  test('refuses what nests too deeply', () => {
    let deep: Json = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(decodeTask({ platform: 'linux', params: { A: deep } }, { file }).findings).toMatchObject([{ kind: 'too-large' }])
  })
})
