import { quote } from '../quote.ts'
import { goJson } from '../../lib/go-json.ts'
import type { ScalarNode, YamlNode } from '../yaml/node.ts'
import type { Context, Place } from './context.ts'

/** Calls `visit` for each whole number that a double cannot hold. A node that anchors share is looked at once. */
function eachLongNumber(root: YamlNode, visit: (node: ScalarNode, digits: string) => void): void {
  const seen = new Set<YamlNode>()
  const walk = (node: YamlNode): void => {
    if (node.kind === 'scalar') {
      const { digits } = node
      if (digits !== undefined) visit(node, digits)
    } else if (!seen.has(node)) {
      seen.add(node)
      if (node.kind === 'list') for (const item of node.items) walk(item)
      else for (const entry of node.entries.values()) walk(entry.node)
    }
  }
  walk(root)
}

export function hasLongNumber(node: YamlNode): boolean {
  let found = false
  eachLongNumber(node, () => (found = true))
  return found
}

export function warnOfLostDigits(context: Context, place: Place): void {
  eachLongNumber(place.node, ({ start, value }, digits) => {
    context.text.add({
      severity: 'warning',
      kind: 'ambiguous',
      message: `${quote(digits)} is too large a number to be kept exactly: it becomes ${String(value)}`,
      start,
      hint: 'put quotes around it to keep every digit',
    })
  })
}

/** JSON with all digits, keys sorted. Only for nodes that are not tooBig. */
export function exactJson(node: YamlNode): string {
  switch (node.kind) {
    case 'scalar':
      return node.digits ?? goJson(node.value)
    case 'list':
      return `[${node.items.map(exactJson).join(',')}]`
    case 'map':
      return `{${Array.from(node.entries)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, entry]) => `${goJson(key)}:${exactJson(entry.node)}`)
        .join(',')}}`
  }
}
