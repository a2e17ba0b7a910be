import { readFile } from 'node:fs/promises'

/** SVG paths of icons by their set and name: `mdi`, `source-branch`. Undefined: there is none. */
export type Icons = (set: string, name: string) => Promise<string | undefined>

/** As the sets name icons. */
const wellFormed = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const longestName = 64

/** Icons of a file that scripts/build-web.mjs wrote, a line each: `sourceBranch`, a tab, the path. It is read when the first one is asked for: most servers show few. */
export function iconsOf(file: string): Icons {
  let read: Promise<ReadonlyMap<string, string>> | undefined
  return async (set, name) => {
    if (set !== 'mdi' || name.length > longestName || !wellFormed.test(name)) return undefined
    return (await (read ??= readIcons(file))).get(name.replaceAll(/-(.)/g, (_, first: string) => first.toUpperCase()))
  }
}

async function readIcons(file: string): Promise<ReadonlyMap<string, string>> {
  // Without the file resources are shown without icons.
  const text = await readFile(file, 'utf8').catch(() => '')
  return new Map(text.split('\n').flatMap((line) => {
    const at = line.indexOf('\t')
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)] as const]
  }))
}
