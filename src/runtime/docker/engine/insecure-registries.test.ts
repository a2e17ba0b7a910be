import { expect, it } from 'vitest'
import { readInfo } from './shapes.ts'

const insecure = (config: unknown) => {
  const info = readInfo(JSON.stringify({ RegistryConfig: config }))
  return info.ok ? info.value.insecureRegistries : info.error.message
}

it('reads which registries Docker speaks to without verified TLS', () => {
  const configs = { 'docker.io': { Name: 'docker.io', Secure: true }, 'registry.example:5000': { Secure: false } }
  expect(insecure({ IndexConfigs: configs, InsecureRegistryCIDRs: ['127.0.0.0/8'] })).toEqual(['registry.example:5000', '127.0.0.0/8'])
})

it('reads none where an engine says nothing, or something else', () => {
  expect([undefined, null, {}, { IndexConfigs: null, InsecureRegistryCIDRs: null }, { IndexConfigs: 3 }].map(insecure)).toEqual([[], [], [], [], []])
})
