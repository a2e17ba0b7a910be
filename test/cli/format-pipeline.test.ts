import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { airside } from '../e2e/airside.ts'

const written = `# a comment
resources:
- {type: git, name: repo, source: {uri: ((uri))}}
jobs:
- plan: [{trigger: true, get: repo}]
  name: unit
`
const formatted = `resources:
- name: repo
  type: git
  source:
    uri: "((uri))"
jobs:
- name: unit
  plan:
  - get: repo
    trigger: true
`

describe('commands that ask no server', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'airside-format-'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  test('a pipeline is printed as a server keeps it, or written to its file, whose mode stays', async () => {
    const file = join(folder, 'p.yml')
    await writeFile(file, written)
    await chmod(file, 0o640)
    expect(await airside(['format-pipeline', '-c', file]).ended).toEqual({ status: 0, stdout: formatted, stderr: '' })
    expect(await airside(['fp', '-c', '-'], {}, written).ended).toEqual({ status: 0, stdout: formatted, stderr: '' })
    expect(await readFile(file, 'utf8')).toBe(written)
    expect(await airside(['format-pipeline', '-c', file, '-w']).ended).toEqual({ status: 0, stdout: '', stderr: '' })
    expect([await readFile(file, 'utf8'), (await stat(file)).mode & 0o777]).toEqual([formatted, 0o640])
  })

  test('what is wrong with a pipeline is said, and its file stays', async () => {
    const file = join(folder, 'bad.yml')
    await writeFile(file, 'jobs: [{name: a, plan: [{get: nothing}]}]')
    expect(await airside(['format-pipeline', '-c', file, '-w']).ended).toMatchObject({ status: 1, stdout: '', stderr: expect.stringMatching(/bad\.yml:1:31: error: there is no resource `nothing`[\s\S]*bad\.yml: nothing was written\n$/) as string })
    expect(await readFile(file, 'utf8')).toBe('jobs: [{name: a, plan: [{get: nothing}]}]')
    expect(await airside(['format-pipeline', '-c', '-', '-w']).ended).toMatchObject({ status: 2, stderr: '--write needs a file: the standard input cannot be written\n' })
    expect(await airside(['format-pipeline']).ended).toMatchObject({ status: 2, stderr: 'which file? -c FILE\n' })
  })

  test('sync says how airside and fly are brought up to date', async () => {
    expect(await airside(['sync', '-c', 'http://127.0.0.1:1', '--force']).ended).toMatchObject({ status: 1, stdout: '', stderr: expect.stringContaining('git pull && npm run setup') as string })
  })
})
