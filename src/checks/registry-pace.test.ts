import { describe, expect, test } from 'vitest'
import { parsePipeline } from '../config/parse-pipeline.ts'
import { fakeClock } from '../lib/clock.ts'
import type { PipelineConfig } from '../model/config.ts'
import { RegistryPace, registryOf } from './registry-pace.ts'
import { aResource } from './testing/a-resource.ts'

function configOf(resources: string, types = ''): PipelineConfig {
  const names = [...resources.matchAll(/name: (\w+)/g)].map(([, name]) => `{get: ${name}}`)
  const { config, findings } = parsePipeline(`resource_types: [${types}]\nresources: [${resources}]\njobs: [{name: j, plan: [${names.join(', ')}]}]`, { file: 'p.yml' })
  if (config === undefined) throw new Error(JSON.stringify(findings))
  return config
}

describe('the registry that a check asks', () => {
  test.each([
    ['{repository: busybox}', 'docker.io'],
    ['{repository: team/app}', 'docker.io'],
    ['{repository: index.docker.io/team/app}', 'docker.io'],
    ['{repository: registry.example:5000/app}', 'registry.example:5000'],
    ['{repository: ((host))/app}', '((host))'],
    ['{repository: ((image))}', 'docker.io'],
    ['{repository: busybox, registry_mirror: {host: mirror.example}}', 'mirror.example'],
    ['{repository: app, aws_region: eu-west-1, aws_account_id: "12"}', '"12" eu-west-1'],
    ['{}', undefined],
  ])('of source %s is %s', (source, expected) => {
    expect(registryOf(configOf(`{name: r, type: registry-image, source: ${source}}`), 'r')).toBe(expected)
  })

  test('is none for other types, the pipeline’s own of that name, and what is not there', () => {
    const resource = '{name: r, type: registry-image, source: {repository: busybox}}'
    expect(registryOf(configOf('{name: r, type: git, source: {repository: busybox}}'), 'r')).toBeUndefined()
    expect(registryOf(configOf(resource, '{name: registry-image, type: registry-image, source: {repository: own}}'), 'r')).toBeUndefined()
    expect(registryOf(configOf(resource), 'other')).toBeUndefined()
  })
})

test('places of a registry follow each other after a burst, those of another do not wait for them', async () => {
  const clock = fakeClock(1_000_000)
  const config = configOf('{name: r, type: registry-image, source: {repository: busybox}}, {name: other, type: registry-image, source: {repository: ghcr.io/app}}')
  const pace = new RegistryPace({ ifReadable: () => Promise.resolve(config) }, 2, clock)
  const places = async (count: number) => {
    const waits: number[] = []
    for (let index = 0; index < count; index += 1) waits.push((await pace.reserve(aResource()))?.waitMs ?? -1)
    return waits
  }
  expect(await places(13)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 500, 1_000, 1_500])
  expect(await pace.reserve(aResource({ name: 'other' }))).toEqual({ registry: 'ghcr.io', waitMs: 0 })
  await clock.advance(2_000)
  expect(await places(2)).toEqual([0, 500])
  await clock.advance(60_000)
  expect(await places(11)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 500])
})
