import { readFile } from 'node:fs/promises'
import { Agent, fetch, type Response } from 'undici'
import type { Blob, Image } from './oci-image.ts'

/** Where to push, as a started registry says of itself. */
export interface PushTarget {
  readonly url: string
  readonly host: string
  readonly certificates?: { readonly caFile: string }
  /** For basic auth. */
  readonly user?: string
  readonly password?: string
}

export interface Pushed {
  /** "127.0.0.1:5000/busybox:1" */
  readonly reference: string
  /** "127.0.0.1:5000/busybox@sha256:…" */
  readonly pinned: string
  readonly digest: string
}

const userAgent = 'airside-test-push'

/** Writes an image to a registry under repository and tag. */
export async function pushImage(target: PushTarget, repository: string, tag: string, image: Image): Promise<Pushed> {
  return withRegistry(target, async (ask) => {
    await pushBlobs(ask, repository, image)
    return pushManifest(ask, { target, repository, tag }, image.manifest)
  })
}

/** Writes several platforms' images and an index over them. */
export async function pushIndex(target: PushTarget, repository: string, tag: string, { images, index }: { readonly images: readonly Image[]; readonly index: Blob }): Promise<Pushed> {
  return withRegistry(target, async (ask) => {
    for (const image of images) {
      await pushBlobs(ask, repository, image)
      await pushManifest(ask, { target, repository, tag: image.manifest.digest }, image.manifest)
    }
    return pushManifest(ask, { target, repository, tag }, index)
  })
}

/** Points a further tag at a manifest that is there, as a put does when it moves a tag. */
export async function moveTag(target: PushTarget, repository: string, tag: string, image: Image): Promise<Pushed> {
  return withRegistry(target, (ask) => pushManifest(ask, { target, repository, tag }, image.manifest))
}

/** Deletes a manifest by digest, and with it every tag that names it. */
export async function deleteManifest(target: PushTarget, repository: string, digest: string): Promise<void> {
  await withRegistry(target, (ask) => ask('DELETE', `/v2/${repository}/manifests/${digest}`))
}

export async function deleteBlob(target: PushTarget, repository: string, digest: string): Promise<void> {
  await withRegistry(target, (ask) => ask('DELETE', `/v2/${repository}/blobs/${digest}`))
}

type Ask = (method: string, path: string, body?: Uint8Array, contentType?: string) => Promise<Response>

async function withRegistry<T>(target: PushTarget, work: (ask: Ask) => Promise<T>): Promise<T> {
  const ca = target.certificates && (await readFile(target.certificates.caFile, 'utf8'))
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } })
  const basic = target.user === undefined ? {} : { authorization: `Basic ${btoa(`${target.user}:${target.password ?? ''}`)}` }
  try {
    return await work(async (method, path, body, contentType = 'application/octet-stream') => {
      const headers = { 'user-agent': userAgent, ...basic, ...(body && { 'content-type': contentType }) }
      const answer = await fetch(new URL(path, target.url), { method, headers, dispatcher, ...(body && { body }) })
      const text = await answer.text()
      if (!answer.ok && !(method === 'HEAD' && answer.status === 404)) throw new Error(`${method} ${path}: ${answer.status} ${text}`)
      return answer
    })
  } finally {
    await dispatcher.close()
  }
}

async function pushBlobs(ask: Ask, repository: string, image: Image): Promise<void> {
  for (const { digest, bytes } of image.blobs) {
    if ((await ask('HEAD', `/v2/${repository}/blobs/${digest}`)).ok) continue
    const upload = (await ask('POST', `/v2/${repository}/blobs/uploads/`)).headers.get('location')
    if (upload === null) throw new Error('the registry names no place to upload to')
    await ask('PUT', `${upload}${upload.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`, bytes)
  }
}

async function pushManifest(ask: Ask, { target, repository, tag }: { readonly target: PushTarget; readonly repository: string; readonly tag: string }, manifest: Blob): Promise<Pushed> {
  await ask('PUT', `/v2/${repository}/manifests/${tag}`, manifest.bytes, manifest.mediaType)
  const name = `${target.host}/${repository}`
  return { reference: `${name}:${tag}`, pinned: `${name}@${manifest.digest}`, digest: manifest.digest }
}
