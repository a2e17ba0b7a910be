/** `{{name}}` at an offset of the text: how vars were written when fly filled them in before it read the YAML. */
export function oldVarAt(source: string, start: number): { readonly name: string; readonly end: number } | undefined {
  if (!source.startsWith('{{', start)) return undefined
  const [whole, name] = /^\{\{[ \t]*([-\w./:]{1,200})[ \t]*\}\}/.exec(source.slice(start, start + 300)) ?? []
  return whole === undefined || name === undefined ? undefined : { name, end: start + whole.length }
}
