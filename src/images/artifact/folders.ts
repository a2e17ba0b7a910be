import { join } from 'node:path'

/** Folders of a data folder that hold what is known of images of artifacts. */
export const imagesFolder = (data: string) => {
  const root = join(data, 'artifact-images')
  return { root, published: join(root, 'published'), staging: join(root, 'staging'), registry: join(root, 'registry'), proved: join(root, 'proved') }
}
