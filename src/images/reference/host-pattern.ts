/** Whether a registry's host is meant: the host itself, or a pattern whose labels may hold `*` (`*.azurecr.io`); the port must be the same. */
export function matchesHost(pattern: string, host: string): boolean {
  if (pattern === host) return true
  if (!pattern.includes('*')) return false
  // Label by label, so that `*` never reaches over a dot.
  const patterns = pattern.split('.')
  const labels = host.split('.')
  return patterns.length === labels.length && patterns.every((part, i) => part === labels[i] || globOf(part).test(labels[i] ?? ''))
}

const globOf = (part: string): RegExp =>
  new RegExp(`^${part.split('*').map((text) => text.replaceAll(/[^a-z0-9]/gi, String.raw`\$&`)).join('[a-z0-9-]*')}$`, 'i')
