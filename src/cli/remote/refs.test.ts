import { pipelineText } from '../../config/pipeline-text.ts'
import { describe, expect, test } from 'vitest'
import { parseJobRef, parsePipelineRef } from './refs.ts'
import { targetBehindCommand } from './target-first.ts'

describe('a pipeline as people write it', () => {
  test.each([
    ['demo', { name: 'demo' }],
    ['demo/branch:main', { name: 'demo', instanceVars: { branch: 'main' } }],
    ['demo/branch:main,n:7,os.arch:"a,b"', { name: 'demo', instanceVars: { branch: 'main', n: 7, os: { arch: 'a,b' } } }],
    ['demo/url:http://x', { name: 'demo', instanceVars: { url: 'http://x' } }],
  ])('%s', (text, value) => {
    expect(parsePipelineRef(text)).toEqual({ ok: true, value })
  })

  test.each(['', '/branch:main', 'demo/branch'])('%j is none', (text) => {
    expect(parsePipelineRef(text)).toMatchObject({ ok: false })
  })

  test('a job stands behind the last slash', () => {
    expect(parseJobRef('demo/unit')).toEqual({ ok: true, value: { name: 'demo', job: 'unit' } })
    expect(parseJobRef('demo/branch:main/unit')).toEqual({ ok: true, value: { name: 'demo', instanceVars: { branch: 'main' }, job: 'unit' } })
    for (const text of ['demo', '/unit', 'demo/']) expect(parseJobRef(text)).toEqual({ ok: false, error: 'write PIPELINE/JOB' })
  })

  test('is shown as it can be written', () => {
    for (const text of ['demo', 'demo/branch:main,n:7,os.arch:"a,b"']) {
      const parsed = parsePipelineRef(text)
      expect(parsed.ok && pipelineText(parsed.value)).toBe(text)
    }
  })
})

test.each([
  ['-t ci builds -j a/b', 'builds -t ci -j a/b'],
  ['--target ci builds', 'builds --target ci'],
  ['--target=ci builds', 'builds --target=ci'],
  ['-tci builds', 'builds -tci'],
  ['builds -t ci', 'builds -t ci'],
  ['-t', '-t'],
  ['-t ci', '-t ci'],
  ['--version', '--version'],
])('airside %s is read as airside %s', (given, read) => {
  expect(targetBehindCommand(['node', 'airside', ...given.split(' ')])).toEqual(['node', 'airside', ...read.split(' ')])
})
