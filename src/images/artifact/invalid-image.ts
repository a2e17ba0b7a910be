/** What makes an artifact no image that could be run, in one clause; anything else that is thrown is no fault of the artifact's. */
export class InvalidImage extends Error {
  override readonly name = 'InvalidImage'
}
