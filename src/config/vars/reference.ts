import { fail, ok, type Result } from '../../model/result.ts'
import type { VarReference } from '../../model/var.ts'

export interface BadReference {
  readonly kind: 'invalid-var'
  readonly name: string
  readonly reason: string
}

/** Every `((…))` in a text; the first group is the reference. Matching is linear: no class overlaps the parentheses. */
export const varPattern = /\(\(((?:[-/.\w\p{L}]+:)?[-/.:@"\w\p{L}]+)\)\)/gu

/** The one reference that a text consists of, or undefined. */
export function wholeVar(text: string): string | undefined {
  const found = text.startsWith('((') && text.endsWith('))') ? [...text.matchAll(varPattern)] : []
  return found.length === 1 && found[0]?.[0].length === text.length ? found[0][1] : undefined
}

export const hasVar = (text: string): boolean => text.includes('((') && text.search(varPattern) >= 0

export function parseReference(name: string): Result<VarReference, BadReference> {
  const bad = (reason: string): Result<VarReference, BadReference> => fail({ kind: 'invalid-var', name, reason })
  const [head, ...rest] = splitUnquoted(name, ':')
  const source = rest.length > 0 ? head : undefined
  if (source?.includes('"')) return bad('source must not be quoted')
  const fields = splitUnquoted(source === undefined ? name : name.slice(source.length + 1), '.').map((field) => cleanPath(field.trim().replaceAll('"', '')))
  const [path, ...inside] = fields
  if (path === undefined || fields.includes('')) return bad('empty field')
  return ok({ ...(source !== undefined && source !== '' && { source }), path, fields: inside })
}

/** As Go's path.Clean with a root: `..` leads to nothing above it, so that a name cannot leave the folder that it is looked up in. */
function cleanPath(path: string): string {
  if (!/[./]/.test(path)) return path
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  return `${path.startsWith('/') ? '/' : ''}${kept.join('/')}`
}

/** As it would be written: a part with special characters in quotes. */
export function formatReference({ source, path, fields }: VarReference): string {
  const parts = [path, ...fields].map((part) => (/[,.:/ ]/.test(part) ? `"${part}"` : part))
  return (source === undefined ? '' : `${source}:`) + parts.join('.')
}

/** Split at separators outside of double quotes. */
function splitUnquoted(text: string, separator: string): string[] {
  const parts: string[] = []
  let from = 0
  let quoted = false
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted
    else if (text[i] === separator && !quoted) {
      parts.push(text.slice(from, i))
      from = i + 1
    }
  }
  parts.push(text.slice(from))
  return parts
}
