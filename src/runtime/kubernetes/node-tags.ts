import { fail, ok, type Result } from '../../model/result.ts'

/** Labels of nodes that a step with these tags runs on: `<domain>/<tag>: "true"`. The error says which tag can be no label. */
export function nodeLabels(tags: readonly string[], domain: string): Result<Readonly<Record<string, string>>, string> {
  const wrong = tags.find((tag) => !/^[A-Za-z0-9]([-_.A-Za-z0-9]{0,61}[A-Za-z0-9])?$/.test(tag))
  if (wrong !== undefined) return fail(`tag ${JSON.stringify(wrong)} cannot be a node's label: on Kubernetes a tag has at most 63 letters, digits, -, _ and ., and begins and ends with a letter or digit`)
  return ok(Object.fromEntries(tags.map((tag) => [`${domain}/${tag}`, 'true'])))
}

/** Lets the step onto nodes that are kept for its tags by a taint of the label's key. */
export const tolerationsOf = (labels: Readonly<Record<string, string>>): readonly object[] => Object.keys(labels).map((key) => ({ key, operator: 'Exists' }))
