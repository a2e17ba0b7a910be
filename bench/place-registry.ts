import { rm, symlink } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import { startRegistry, type Registry } from '../test/services/registry.ts'
import { scratchFolder } from '../test/services/scratch.ts'
import type { PlaceRegistry } from './place.ts'

export interface OwnRegistry extends PlaceRegistry {
  stop(): Promise<void>
}

/** One address for the runtime and for containers. */
export async function openRegistryAt(address: string, log: (line: string) => void): Promise<OwnRegistry> {
  const registry = await startRegistry({ address, log })
  return { host: registry.host, inside: registry.host, watch: () => watch([registry]), stop: () => registry.stop() }
}

/**
 * Engines take plain HTTP from this machine's loopback only, and containers do not reach that: two processes with the same
 * images. (A proxy's work would be measured too.)
 */
export async function openTwinRegistry(log: (line: string) => void): Promise<OwnRegistry> {
  await using opened = new AsyncDisposableStack()
  const loopback = await startRegistry({ log })
  opened.defer(() => loopback.stop())
  const dir = await scratchFolder('registry')
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  await symlink(join(dirname(loopback.accessFile), 'data'), join(dir, 'data'))
  const inside = await startRegistry({ dir, address: machineAddress(), log })
  opened.defer(() => inside.stop())
  const all = opened.move()
  return { host: loopback.host, inside: inside.host, watch: () => watch([loopback, inside]), stop: () => all.disposeAsync() }
}

async function watch(registries: readonly Registry[]): ReturnType<PlaceRegistry['watch']> {
  const before = await Promise.all(registries.map(async (registry) => (await registry.accessLog()).length))
  return async () => (await Promise.all(registries.map(async (registry, index) => (await registry.accessLog()).slice(before[index])))).flat()
}

/** By which containers reach this machine. */
function machineAddress(): string {
  const found = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.filter(({ family, internal }) => family === 'IPv4' && !internal))
  const [first] = found
  if (first === undefined) throw new Error('this machine has no address but its own loopback, so containers do not reach it')
  return first.address
}
