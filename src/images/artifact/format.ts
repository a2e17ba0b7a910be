import type { TarEntries } from './tar-entries.ts'

/** How an artifact holds an image. */
export type ArtifactFormat =
  /** `rootfs/`, and `metadata.json` beside it: what Concourse's own resources fetch. */
  | { readonly kind: 'rootfs' }
  /** `image.tar`: as `docker save` writes it, or an OCI layout. */
  | { readonly kind: 'tarball' }
  /** An OCI layout: at the artifact's root ('') or in one folder of it. */
  | { readonly kind: 'layout'; readonly folder: string }

/** The file whose content is the tarball. */
export const tarballName = 'image.tar'

/** Where several are there, the one that is nearest to being run counts: rootfs/, then image.tar. */
export async function formatOf(entries: TarEntries): Promise<ArtifactFormat | undefined> {
  let tarball = false
  let layout: string | undefined
  for await (const { path, header } of entries()) {
    if (path === 'rootfs' || path.startsWith('rootfs/')) return { kind: 'rootfs' }
    if (path === tarballName && isFile(header.type)) tarball = true
    const [folder = '', marker] = path === 'oci-layout' ? ['', 'oci-layout'] : path.split('/')
    if (marker === 'oci-layout' && path.split('/').length <= 2 && isFile(header.type)) layout = layout === undefined || folder === '' ? folder : layout
  }
  if (tarball) return { kind: 'tarball' }
  return layout === undefined ? undefined : { kind: 'layout', folder: layout }
}

export const isFile = (type: string | null | undefined): boolean => type === 'file' || type === 'contiguous-file'
