import { ask, type Asking } from './ask.ts'
import type { Input, VersionId } from './input.ts'
import type { Why } from './why.ts'

type Chosen = { readonly kind: 'resolved'; readonly version: VersionId; readonly more: boolean } | { readonly kind: 'unresolved'; readonly why: Why }

/** The version of an input without passed jobs (I1, I2, E1). */
export function* chooseAlone({ name, resource, chosen, pin, every }: Input): Asking<Chosen> {
  if (chosen !== undefined) return { kind: 'resolved', version: chosen, more: false }
  if (pin !== undefined) {
    const { number: version } = yield* ask({ kind: 'pin', resource, pin }, 'number')
    return version === undefined ? { kind: 'unresolved', why: { kind: 'pin-unknown', input: name, pin } } : { kind: 'resolved', version, more: false }
  }
  const used = every ? (yield* ask({ kind: 'highest-used', resource }, 'number')).number : undefined
  const [next, further] = used === undefined ? [] : (yield* ask({ kind: 'versions', resource, from: { kind: 'above', order: used }, limit: 2 }, 'versions')).versions
  if (next !== undefined) return { kind: 'resolved', version: next, more: further !== undefined }
  const from = used === undefined ? ({ kind: 'newest' } as const) : ({ kind: 'down', order: used } as const)
  const [version] = (yield* ask({ kind: 'versions', resource, from, limit: 1 }, 'versions')).versions
  return version === undefined ? { kind: 'unresolved', why: { kind: 'no-version', input: name, every } } : { kind: 'resolved', version, more: false }
}
