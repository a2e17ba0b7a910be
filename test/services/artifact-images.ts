import { createHash } from 'node:crypto'
import { chmod, chown, mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import { busyboxImage } from './images.ts'
import { makeImage, type Blob, type Image } from './oci-image.ts'

/** How a folder may hold an image; each of these is one folder of what `writeArtifactImages` writes. */
export const artifactFormats = ['rootfs', 'docker', 'oci', 'layout'] as const

/** A small Linux with /made, MARK in its variables, the user app and the folder /home/app, in every format. `unique`: another content each time. */
export async function writeArtifactImages(folder: string, unique: string): Promise<void> {
  const base = await busyboxImage([{ path: 'made', content: `made ${unique}\n` }])
  for (const format of artifactFormats) {
    const image = await asUser(base, format)
    const at = join(folder, format)
    await mkdir(at, { recursive: true })
    switch (format) {
      case 'rootfs':
        await writeRootfs(at, image, { env: ['PATH=/bin', `MARK=${format}`], user: 'app' })
        break
      case 'docker':
        await writeFile(join(at, 'image.tar'), await tarOf(dockerArchive(image)))
        break
      case 'oci':
        await writeFile(join(at, 'image.tar'), await tarOf(layoutOf(image)))
        break
      case 'layout':
        for (const [path, content] of Object.entries(layoutOf(image))) {
          await mkdir(dirname(join(at, path)), { recursive: true })
          await writeFile(join(at, path), content)
        }
    }
  }
}

const configOf = (image: Image): Blob => image.blobs[0] ?? image.manifest

/** The same layers, with a config that says who runs in it. */
async function asUser(image: Image, mark: string): Promise<Image> {
  const { rootfs } = JSON.parse(Buffer.from(configOf(image).bytes).toString()) as { rootfs: unknown }
  const like = await makeImage([], { Env: ['PATH=/bin', `MARK=${mark}`], User: 'app', WorkingDir: '/home/app', Entrypoint: ['/bin/sh', '-c'] })
  const config = { ...(JSON.parse(Buffer.from(configOf(like).bytes).toString()) as object), rootfs, history: [] }
  const layers = image.blobs.slice(1)
  return makeImageOf(Buffer.from(JSON.stringify(config)), layers, like)
}

function makeImageOf(config: Buffer, layers: readonly Blob[], like: Image): Image {
  const blob = (bytes: Uint8Array, mediaType: string): Blob => ({ bytes, mediaType, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}` })
  const configBlob = blob(config, configOf(like).mediaType)
  const descriptor = ({ mediaType, digest, bytes }: Blob) => ({ mediaType, digest, size: bytes.length })
  const manifest = { schemaVersion: 2, mediaType: like.manifest.mediaType, config: descriptor(configBlob), layers: layers.map(descriptor) }
  return { architecture: like.architecture, manifest: blob(Buffer.from(JSON.stringify(manifest)), like.manifest.mediaType), blobs: [configBlob, ...layers] }
}

type Files = Readonly<Record<string, Uint8Array>>

/** As `docker save` wrote it: layers as tars, one folder each. */
function dockerArchive(image: Image): Files {
  const layers = Object.fromEntries(image.blobs.slice(1).map(({ bytes, digest }): [string, Uint8Array] => [`${digest.slice(7, 19)}/layer.tar`, gunzipSync(bytes)]))
  const index = [{ Config: 'config.json', RepoTags: ['made:latest'], Layers: Object.keys(layers) }]
  return { 'config.json': configOf(image).bytes, ...layers, 'manifest.json': Buffer.from(JSON.stringify(index)) }
}

function layoutOf({ manifest, blobs }: Image): Files {
  const index = { schemaVersion: 2, manifests: [{ mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length }] }
  return {
    ...Object.fromEntries([manifest, ...blobs].map(({ digest, bytes }) => [`blobs/${digest.replace(':', '/')}`, bytes])),
    'index.json': Buffer.from(JSON.stringify(index)),
    'oci-layout': Buffer.from('{"imageLayoutVersion":"1.0.0"}'),
  }
}

async function tarOf(files: Files): Promise<Buffer> {
  const out = pack()
  const bytes = buffer(out)
  for (const [name, content] of Object.entries(files)) out.entry({ name, mtime: new Date(0) }, Buffer.from(content))
  out.finalize()
  return bytes
}

async function writeRootfs(folder: string, image: Image, metadata: object): Promise<void> {
  await writeFile(join(folder, 'metadata.json'), JSON.stringify(metadata))
  for (const layer of image.blobs.slice(1)) {
    const entries = extract()
    entries.end(gunzipSync(layer.bytes))
    for await (const entry of entries) {
      const { name, type, mode, uid, gid, linkname } = entry.header
      const path = join(folder, 'rootfs', name)
      const content = await buffer(entry)
      await mkdir(type === 'directory' ? path : dirname(path), { recursive: true })
      if (type === 'symlink') {
        await symlink(linkname ?? '', path)
        continue
      }
      if (type === 'file') await writeFile(path, content)
      await chown(path, uid, gid)
      await chmod(path, mode)
    }
  }
}
