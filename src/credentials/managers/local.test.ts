import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { noVarSourcePorts } from '../testing/open.ts'
import { ok } from '../../model/result.ts'
import { makeVarSource } from '../make-manager.ts'
import { largestSecret } from '../manager.ts'
import { environmentManager } from './environment.ts'
import { filesManager } from './files.ts'
import { kubernetesManager } from './kubernetes.ts'

const folder = await mkdtemp(join(tmpdir(), 'airside-secrets-'))
afterAll(() => rm(folder, { recursive: true }))
const directory = join(folder, 'open')
await mkdir(directory)
const scope = { team: 'main' }
const files = filesManager(directory, 'below team')
const get = (path: string) => files.get(path, scope)

test('a file is read without the line end behind its value', async () => {
  await writeFile(join(directory, 'a'), 'one\ntwo\r\n')
  expect(await get('a')).toEqual(ok({ value: 'one\ntwo' }))
})

test('a file of the largest size is read, a larger one and one that is no text are not', async () => {
  await writeFile(join(directory, 'largest'), 'x'.repeat(largestSecret))
  await writeFile(join(directory, 'larger'), 'x'.repeat(largestSecret + 1))
  await writeFile(join(directory, 'binary'), Buffer.from([0xff, 0xfe]))
  expect(await get('largest')).toMatchObject({ ok: true })
  expect(await get('larger')).toMatchObject({ ok: false, error: { retryable: false, message: `${directory}/larger has more than 1048576 bytes` } })
  expect(await get('binary')).toMatchObject({ ok: false, error: { retryable: false, message: `${directory}/binary is no text in UTF-8` } })
})

test('links inside the folder are followed, as Kubernetes makes them; those that lead out are refused', async () => {
  await mkdir(join(directory, '..data'))
  await writeFile(join(directory, '..data', 'linked'), 'x')
  await symlink('..data/linked', join(directory, 'linked'))
  await writeFile(join(folder, 'outside'), 'hunter2')
  await symlink('../outside', join(directory, 'leads-out'))
  await mkdir(join(directory, 'fields'))
  await symlink('../../outside', join(directory, 'fields', 'leads-out'))
  await writeFile(join(directory, 'fields', 'inside'), 'y')
  expect(await get('linked')).toEqual(ok({ value: 'x' }))
  expect(await get('leads-out')).toMatchObject({ ok: false, error: { message: `${directory}/leads-out leads out of ${directory}` } })
  expect(await get('fields')).toEqual(ok({ value: { inside: 'y' } }))
})

test('a folder with too many files is refused', async () => {
  await mkdir(join(directory, 'full'))
  await Promise.all(Array.from({ length: 1001 }, (_, i) => writeFile(join(directory, 'full', `${i}`), '')))
  expect(await get('full')).toMatchObject({ ok: false, error: { message: `${directory}/full holds more than 1000 files` } })
  await rm(join(directory, 'full', '0'))
  expect(await get('full')).toMatchObject({ ok: true })
})

test('names with folders are not looked for in the folder of all teams', () => {
  expect(files.paths('other/secret', { team: 'main', pipeline: 'p' })).toEqual(['main/p/other/secret', 'main/other/secret'])
  expect(filesManager(directory, 'anywhere').paths('other/secret', scope)).toEqual(['main/other/secret', 'other/secret'])
})

test('a var source reads no file and no variable that the operator has not opened', () => {
  const access = { directories: ['/run/secrets'], prefixes: ['CI_'], awsIdentity: false }
  for (const allowed of ['/run/secrets', '/run/secrets/', '/run/secrets/a']) expect(makeVarSource('files', { directory: allowed }, access, noVarSourcePorts), allowed).toMatchObject({ ok: true })
  for (const refused of ['/run/secrets2', '/run', '/run/secrets/../x', '/']) expect(makeVarSource('files', { directory: refused }, access, noVarSourcePorts), refused).toMatchObject({ ok: false, error: expect.stringContaining('--var-source-access files:') as string })
  expect(makeVarSource('environment', { prefix: 'CI_X' }, access, noVarSourcePorts)).toMatchObject({ ok: true })
  for (const prefix of ['CI', 'AIRSIDE_']) expect(makeVarSource('environment', { prefix }, access, noVarSourcePorts), prefix).toMatchObject({ ok: false, error: expect.stringContaining('--var-source-access environment:') as string })
})

test('a variable is found as it is written, then in capitals', async () => {
  const manager = environmentManager('CI_', { 'CI_api-token': 'a', CI_API_KEY: 'b', CI_EMPTY: '', API_KEY: 'c' })
  expect(manager.paths('api-token', scope)).toEqual(['CI_api-token', 'CI_API_TOKEN'])
  expect(await manager.get('CI_api-token', scope)).toEqual(ok({ value: 'a' }))
  expect(await manager.get('CI_EMPTY', scope)).toEqual(ok(undefined))
})

test('secrets of Kubernetes are asked for by names that secrets can have', async () => {
  const asked: string[] = []
  const cluster = { read: (namespace: string, name: string) => Promise.resolve(ok(void asked.push(`${namespace}/${name}`))), close: () => Promise.resolve() }
  const manager = kubernetesManager(cluster, 'ci-')
  expect(manager.paths('token', { team: 'main', pipeline: 'pipe' })).toEqual(['ci-main/pipe.token', 'ci-main/token'])
  expect(manager.paths('token', { team: 'main', pipeline: 'My Pipe' })).toEqual(['ci-main/token'])
  expect(manager.paths('Token', { team: 'main', pipeline: 'pipe' })).toEqual([])
  for (const team of ['a/b', '..', 'A', 'x'.repeat(64)]) expect(manager.paths('token', { team }), team).toEqual([])
  await manager.get('ci-main/token', scope)
  expect(asked).toEqual(['ci-main/token'])
})

test('a value of Kubernetes that is no text is left out', async () => {
  const cluster = { read: () => Promise.resolve(ok({ text: Buffer.from('é').toString('base64'), binary: Buffer.from([0xff]).toString('base64') })), close: () => Promise.resolve() }
  expect(await kubernetesManager(cluster, 'ci-').get('ci-main/x', scope)).toEqual(ok({ value: { text: 'é' } }))
})
