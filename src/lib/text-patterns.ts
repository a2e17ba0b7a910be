/**
 * Finds many texts in another one in a single pass (Aho and Corasick, 1975). A pattern of n characters takes 16 n bytes, and the
 * time of a search depends on the text's length alone. Libraries for it give whole matches only: what redacts a stream also has to
 * know which end of the text may be the beginning of a pattern.
 */
export class TextPatterns {
  /** Nodes of the trie are numbered as they are made, so that the first child of a node is mostly the next number. */
  private readonly next: Int32Array
  /** Children that are not the next number. */
  private readonly branches = new Map<number, Map<number, number>>()
  /** Node → the longest proper suffix of its text that is a node too. */
  private readonly fallback: Int32Array
  private readonly depth: Int32Array
  /** Node → length of the longest pattern that its text ends with, or 0. */
  private readonly longest: Int32Array
  private size = 1

  constructor(patterns: Iterable<string>) {
    const all = [...patterns]
    const most = all.reduce((sum, pattern) => sum + pattern.length, 1)
    this.next = new Int32Array(most).fill(-1)
    this.fallback = new Int32Array(most)
    this.depth = new Int32Array(most)
    this.longest = new Int32Array(most)
    for (const pattern of all) this.insert(pattern)
    this.link()
  }

  /** Calls `found` for each place where a pattern ends, with the longest that ends there; gives the node that the text ends in. */
  search(text: string, found: (start: number, end: number) => void): number {
    let node = 0
    for (let at = 0; at < text.length; at += 1) {
      node = this.step(node, text.charCodeAt(at))
      const length = this.longest[node] ?? 0
      if (length > 0) found(at + 1 - length, at + 1)
    }
    return node
  }

  /** Length of the longest end of what was searched up to this node that a pattern begins with, and goes on after. */
  unended(last: number): number {
    let node = last
    while (node !== 0 && this.next[node] === -1 && !this.branches.has(node)) node = this.fallback[node] ?? 0
    return this.depth[node] ?? 0
  }

  private insert(pattern: string): void {
    let node = 0
    for (let at = 0; at < pattern.length; at += 1) {
      const code = pattern.charCodeAt(at)
      node = this.child(node, code) ?? this.grow(node, code)
    }
    this.longest[node] = pattern.length
  }

  private grow(parent: number, code: number): number {
    const node = this.size
    this.size += 1
    this.depth[node] = (this.depth[parent] ?? 0) + 1
    if (node === parent + 1) {
      this.next[parent] = code
      return node
    }
    const branches = this.branches.get(parent)
    if (branches === undefined) this.branches.set(parent, new Map([[code, node]]))
    else branches.set(code, node)
    return node
  }

  private child(node: number, code: number): number | undefined {
    return this.next[node] === code ? node + 1 : this.branches.get(node)?.get(code)
  }

  private step(from: number, code: number): number {
    for (let node = from; ; node = this.fallback[node] ?? 0) {
      const child = this.child(node, code)
      if (child !== undefined) return child
      if (node === 0) return 0
    }
  }

  /** Nodes by their depth: a fallback is always less deep than its node. */
  private link(): void {
    const queue = new Int32Array(this.size)
    let length = 1
    for (let at = 0; at < length; at += 1) {
      const node = queue[at] ?? 0
      const visit = (code: number, child: number): void => {
        queue[length] = child
        length += 1
        const fallback = node === 0 ? 0 : this.step(this.fallback[node] ?? 0, code)
        this.fallback[child] = fallback
        if (this.longest[child] === 0) this.longest[child] = this.longest[fallback] ?? 0
      }
      const code = this.next[node] ?? -1
      if (code >= 0) visit(code, node + 1)
      for (const [other, child] of this.branches.get(node) ?? []) visit(other, child)
    }
  }
}
