/** A part of a config's YAML: the line of a section, or an item of it (`jobs: unit`) with all of its lines. */
export interface Block {
  readonly section: string
  /** Of an item that has one. */
  readonly name?: string
  /** Unique in its config. */
  readonly key: string
  /** Of its first line, from 0. */
  readonly first: number
  readonly lines: readonly string[]
}

/** Cuts a config, as toYaml() writes it, into its sections and their items. */
export function blocksOf(yaml: string): readonly Block[] {
  const lines = yaml.trimEnd().split('\n')
  // What stands deeper begins with a space, and lines within a text may be empty.
  const starts = lines.flatMap((line, at) => (/^\S/.test(line) ? [at] : []))
  const blocks: Block[] = []
  const seen = new Map<string, number>()
  let section = ''
  for (const [index, first] of starts.entries()) {
    const own = lines.slice(first, starts[index + 1])
    const isItem = own[0]?.startsWith('- ') === true
    if (!isItem) section = unquoted(own[0]?.replace(/:(?: .*)?$/, '') ?? '')
    const name = isItem ? nameIn(own) : undefined
    const title = isItem ? `${section}: ${name ?? ''}` : section
    const before = seen.get(title) ?? 0
    seen.set(title, before + 1)
    blocks.push({ section, ...(name !== undefined && { name }), key: `${title} ${before}`, first, lines: own })
  }
  return blocks
}

function nameIn(lines: readonly string[]): string | undefined {
  const line = lines.find((one) => /^(?:- | {2})name: /.test(one))
  return line === undefined ? undefined : unquoted(line.slice('- name: '.length))
}

const unquoted = (text: string): string => (text.startsWith('"') ? String(JSON.parse(text)) : text)
