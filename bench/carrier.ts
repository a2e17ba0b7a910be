import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findGo } from '../scripts/lib/go.mjs'
import { must } from '../test/services/command.ts'
import { busyboxImage } from '../test/services/images.ts'
import type { Image } from '../test/services/oci-image.ts'

/** busybox and /bin/carrier, which takes a file to an HTTP server and back. */
export async function carrierImage(progress: (line: string) => void): Promise<Image> {
  const go = await findGo({ log: progress })
  const folder = await mkdtemp(join(tmpdir(), 'airside-carrier-'))
  try {
    const program = join(folder, 'carrier')
    const env = { ...process.env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOWORK: 'off' }
    await must(go, ['build', '-trimpath', '-buildvcs=false', '-ldflags', '-s -w', '-o', program, '.'], { cwd: join(import.meta.dirname, 'carrier'), env })
    return await busyboxImage([{ path: 'bin/carrier', content: await readFile(program), mode: 0o755 }])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
