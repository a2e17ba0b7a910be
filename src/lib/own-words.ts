/**
 * What a kubelet, an engine or a registry says itself: without URLs, quoted names, and the given names (of images, pods and steps), which
 * authors choose. Only these words may decide anything.
 */
export function ownWords(text: string, names: readonly string[] = []): string {
  const quoted = [...text.matchAll(/\\?"([^"\s\\]+)\\?"/g)].flatMap(([, name = '']) => (/[/:]/.test(name) ? [name] : []))
  const all = [...names, ...quoted].flatMap((name) => {
    const tagged = name.replace(/@.*$/, '')
    const repository = tagged.replace(/:[^/:]*$/, '')
    return [name, tagged, repository, repository.replace(/^[^/]*[.:][^/]*\//, '')]
  })
  let left = text.replaceAll(/\b[a-z]+:\/\/[^\s"]+/gi, '…').replaceAll(/\\?"[^"\s]+"/g, '"…"')
  for (const name of new Set(all.toSorted((a, b) => b.length - a.length))) if (notOneWord.test(name)) left = left.replaceAll(name, '…')
  return left
}

/** A name such as `denied` is a word of theirs too. */
const notOneWord = /^..*[^a-z]/
