/** When the search changes its means, and how much it asks for at once. */
export interface Limits {
  /** Successes in a page. */
  readonly page: number
  /** Successes or versions in a page of which all will be read. */
  readonly largePage: number
  /** More versions that passed all jobs of an input restrict it too little to be read. */
  readonly domain: number
  /** After so many tries it asks for the versions that passed all jobs of an input. */
  readonly domainAfter: number
  /** After so many tries it reads all successes of the group. */
  readonly columnsAfter: number
  /** Steps between two pauses: some milliseconds. */
  readonly pauseEvery: number
  /** Failed sets that are kept: some 100 bytes each. Without room for more the search is slower, not wrong. */
  readonly nogoods: number
  /** What a set of versions is remembered by. */
  readonly nogoodKey: (versions: Int32Array) => string
}

export const defaultLimits: Limits = {
  page: 16,
  largePage: 1024,
  domain: 256,
  domainAfter: 32,
  columnsAfter: 96,
  pauseEvery: 4096,
  nogoods: 100_000,
  // Its bytes as they are: most of a long search would be spent on writing numbers.
  nogoodKey: ({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength).toString('latin1'),
}
