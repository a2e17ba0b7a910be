import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { identify, isAlive, type Identity } from './identity.ts'

/**
 * A temporary folder for one service of this process. Those of the same kind whose
 * process was killed are removed first; their services have ended with it.
 */
export async function scratchFolder(kind: string): Promise<string> {
  const prefix = `airside-${kind}-`
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const owner = await readFile(join(tmpdir(), name, 'owner.json'), 'utf8').catch(() => undefined)
    // Without a record it is just being made.
    if (owner !== undefined && !(await isAlive(JSON.parse(owner) as Identity))) await rm(join(tmpdir(), name), { recursive: true, force: true })
  }
  const dir = await mkdtemp(join(tmpdir(), prefix))
  await writeFile(join(dir, 'owner.json'), JSON.stringify(await identify(process.pid)))
  return dir
}
