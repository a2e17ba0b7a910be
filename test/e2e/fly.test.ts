import { describe, test } from 'vitest'
import { writeSessionFiles } from './fly/files.ts'
import { flySession } from './fly/session.ts'
import { startServedWorld } from './served-world.ts'

/** With FLY=/path/to/fly, of Concourse 8.2. */
describe('the real fly on Podman', () => {
  test('has its user do with each of its commands what it does with Concourse', async () => {
    const world = await startServedWorld('fly')
    try {
      await writeSessionFiles(world.folder, world.registry)
      await flySession({ fly: process.env['FLY'] as string, folder: world.folder, url: world.url, password: world.password, worker: 'docker' })
    } finally {
      await world.stop()
    }
  })
})
