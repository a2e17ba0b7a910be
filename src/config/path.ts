/** Where a value stands in a config: `jobs`, 0, `plan`, 2, `task`. A linked list, so that a walk allocates one cell a level. */
export interface Path {
  readonly parent: Path | undefined
  readonly key: string | number
}

export const under = (parent: Path | undefined, key: string | number): Path => ({ parent, key })

export function pathOf(...keys: readonly (string | number)[]): Path | undefined {
  return keys.reduce<Path | undefined>(under, undefined)
}

export function pathKeys(path: Path | undefined): (string | number)[] {
  const keys: (string | number)[] = []
  for (let cell = path; cell !== undefined; cell = cell.parent) keys.push(cell.key)
  return keys.reverse()
}

const plainKey = /^[\p{L}_][\p{L}\p{N}_-]*$/u

/** `jobs[0].plan[2].task`; a key that is no plain word stands as `["a b"]`. '' is the whole config. */
export function formatPath(path: Path | undefined): string {
  return pathKeys(path)
    .map((key, i) => {
      if (typeof key === 'number') return `[${key}]`
      if (plainKey.test(key)) return i === 0 ? key : `.${key}`
      return `[${JSON.stringify(key)}]`
    })
    .join('')
}

const segment = /\.?([\p{L}_][\p{L}\p{N}_-]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/uy

/** The keys of a formatted path, or undefined if it is none. */
export function parsePath(text: string): (string | number)[] | undefined {
  const keys: (string | number)[] = []
  segment.lastIndex = 0
  while (segment.lastIndex < text.length) {
    const found = segment.exec(text)
    if (found === null) return undefined
    const [, word, index, quoted] = found
    if (word !== undefined) keys.push(word)
    else if (index !== undefined) keys.push(Number(index))
    else if (quoted !== undefined) {
      try {
        keys.push(JSON.parse(quoted) as string)
      } catch {
        return undefined
      }
    }
  }
  return keys
}
