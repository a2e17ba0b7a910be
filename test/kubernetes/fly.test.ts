import { describe, test } from 'vitest'
import { pushDemoImages } from '../../src/cli/demo/demo-images.ts'
import { RegistryClient } from '../../src/images/registry/registry-client.ts'
import { writeSessionFiles } from '../e2e/fly/files.ts'
import { flySession } from '../e2e/fly/session.ts'
import { startWeb } from '../e2e/served-world.ts'
import { openAirsidePlace } from './airside-place.ts'

/** With FLY=/path/to/fly, of Concourse 8.2. */
describe('the real fly on Kubernetes', () => {
  test('has its user do with each of its commands what it does with Concourse', async () => {
    const place = await openAirsidePlace('fly', 'baseline')
    try {
      const client = new RegistryClient({})
      await pushDemoImages(client, place.cluster.registry.host, '')
      await client.close()
      await writeSessionFiles(place.folder, place.cluster.registry.host)
      const web = await startWeb(place.folder, [...place.flags, '--keep-for', '10m'])
      try {
        await flySession({ fly: process.env['FLY'] as string, folder: place.folder, ...web, worker: `kubernetes-${place.namespace.name}` })
      } finally {
        await web.stop()
      }
    } finally {
      await place.close()
    }
  })
})
