/** Resource versions are numbers in everything that is Kubernetes today; what is not one is taken as it comes. */
export function newer(version: string, than: string): boolean {
  const number = /^\d+$/
  return number.test(version) && number.test(than) ? BigInt(version) > BigInt(than) : version !== than
}
