import { pipeline as pipe } from 'node:stream/promises'
import { Readable } from 'node:stream'
import { text } from '../reply.ts'
import type { Handler } from '../request.ts'

const plainName = /^[a-z0-9]{1,50}$/

/** For fly sync: the program as it is, never compressed, since fly shows its progress by the length. */
export const downloadCli: Handler = async ({ cli }, { query }) => {
  const [platform, arch] = [(query.get('platform') ?? '').toLowerCase(), query.get('arch') ?? '']
  if (!plainName.test(platform) || !plainName.test(arch)) return text(400, 'platform and arch must be letters and digits: ?platform=linux&arch=amd64')
  const found = await cli.find(platform, arch)
  if (!found.ok) return text(found.error.kind === 'missing' ? 404 : 500, found.error.message)
  const { name, bytes, modifiedAt, content } = found.value
  return {
    kind: 'stream',
    async write(response) {
      response.writeHead(200, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': bytes,
        'Content-Disposition': `attachment; filename=${name}`,
        'Last-Modified': new Date(modifiedAt).toUTCString(),
      })
      await pipe(Readable.from(content), response).catch(() => response.destroy())
    },
  }
}
