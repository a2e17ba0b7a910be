/** Resource versions are numbers in all present Kubernetes servers; one that is not counts as newer when it differs. */
export function newer(version: string, than: string): boolean {
  const number = /^\d+$/
  return number.test(version) && number.test(than) ? BigInt(version) > BigInt(than) : version !== than
}
