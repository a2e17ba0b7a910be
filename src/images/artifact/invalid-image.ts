/** Why an artifact is not an image that can be run, in one clause. Any other error is not the artifact's fault. */
export class InvalidImage extends Error {
  override readonly name = 'InvalidImage'
}
