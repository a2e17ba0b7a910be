import { expect, it } from 'vitest'
import type { JsonObject } from '../../model/json.ts'
import { mirroredSource } from './mirrored-source.ts'

it.each<[JsonObject, boolean]>([
  [{ repository: 'app' }, true],
  [{ repository: 'team/app', tag: '1' }, true],
  [{ repository: 'index.docker.io/team/app', registry_mirror: null }, true],
  [{ repository: 'app', registry_mirror: { host: 'own.example' } }, false],
  [{ repository: 'ghcr.io/app' }, false],
  [{ repository: 'app', aws_region: 'eu-west-1' }, false],
  [{ repository: 5 }, false],
  [{}, false],
])('%j: %s', (source, mirrored) => {
  expect(mirroredSource(source, 'mirror.example')).toEqual(mirrored ? { ...source, registry_mirror: { host: 'mirror.example' } } : source)
})
