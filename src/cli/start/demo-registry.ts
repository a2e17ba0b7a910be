import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RegistryClient } from '../../images/registry/registry-client.ts'
import { startRegistry, type RunningRegistry } from '../../images/server/start-registry.ts'
import { systemClock } from '../../lib/clock.ts'
import { codeOf } from '../../lib/errors.ts'
import { pushDemoImages } from '../demo/demo-images.ts'

export interface DemoImages extends RunningRegistry {
  /** `HOST:PORT` where they were the last time, if that is elsewhere: the pipeline that was set then names it. */
  readonly former?: string
  /** Keeps the address for the next start. Called when the pipeline names it: a start that fails must not forget the one that it names. */
  remember(): Promise<void>
}

/**
 * Serves the demo's images from a folder, read-only, at the address that they had the last time: the pipeline that was set then names it.
 * When something else has that port, at another one.
 */
export async function serveDemoImages(folder: string): Promise<DemoImages> {
  const dir = join(folder, 'images')
  const remembered = join(folder, 'port')
  await mkdir(folder, { recursive: true })
  await fill(dir)
  const port = await lastPort(remembered)
  const registry = await startRegistry({ dir, port, readOnly: true }).catch((error: unknown) => {
    if (codeOf(error) !== 'EADDRINUSE') throw error
    return startRegistry({ dir, readOnly: true })
  })
  return {
    ...registry,
    ...(port !== 0 && port !== registry.port && { former: registry.host.replace(/\d+$/, String(port)) }),
    remember: () => writeFile(remembered, String(registry.port)),
  }
}

/** Images that are there already are not written anew. */
async function fill(dir: string): Promise<void> {
  const registry = await startRegistry({ dir })
  const client = new RegistryClient({ clock: systemClock })
  try {
    await pushDemoImages(client, registry.host, '')
  } finally {
    await client.close()
    await registry.stop()
  }
}

/** 0, any that is free, where there was none. */
async function lastPort(file: string): Promise<number> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return ''
    throw error
  })
  return /^\d{1,5}$/.test(text) && Number(text) < 65_536 ? Number(text) : 0
}
