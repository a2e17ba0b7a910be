import { fail, ok, type Result } from '../../model/result.ts'
import { compareSemVer, parseSemVer, type SemVer } from './semver.ts'

/** Whether a version satisfies the constraint. */
export type Constraint = (version: SemVer) => boolean

interface Bound {
  readonly version: SemVer
  /** Parts were left out or are `x`. */
  readonly dirty: boolean
  readonly minorDirty: boolean
  readonly patchDirty: boolean
}

const operators = '=|!=|>=|=>|<=|=<|>|<|~>|~|\\^|'
const part = '[0-9]+|[xX*]'
const bound = `v?(${part})(?:\\.(${part}))?(?:\\.(${part}))?(-[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?`
const single = new RegExp(`(${operators})\\s*${bound}`, 'y')
const hyphen = new RegExp(`\\s*(${bound})\\s+-\\s+(${bound})\\s*`, 'g')

/**
 * Reads a constraint in Masterminds' language: `~1.2`, `^2`, `>= 1.2 < 3 || >= 4.2.3`, `1.x`, `1.2 - 1.4`.
 * A pre-release satisfies it only if one of the bounds in its group names a pre-release.
 */
export function parseConstraint(text: string): Result<Constraint, string> {
  const alternatives: Constraint[] = []
  if (text.length > 1000) return fail('it is too long')
  for (const alternative of text.split('||')) {
    const parsed = parseAll(alternative.replaceAll(hyphen, (...groups: unknown[]) => ` >=${String(groups[1])}, <=${String(groups[6])} `).trim())
    if (parsed === undefined) return fail(`${JSON.stringify(alternative.trim())} is not a version constraint`)
    const pre = parsed.some(({ bound }) => bound.version.pre !== '')
    alternatives.push((version) => (version.pre === '' || pre) && parsed.every(({ test, bound }) => test(version, bound)))
  }
  return ok((version) => alternatives.some((meets) => meets(version)))
}

function parseAll(text: string): { test: Test; bound: Bound }[] | undefined {
  const all: { test: Test; bound: Bound }[] = []
  for (let at = 0; at < text.length || all.length === 0; ) {
    single.lastIndex = at
    const match = single.exec(text)
    if (match === null) return undefined
    const [whole, operator, major, minor, patch, pre] = match
    const wild = (value: string | undefined): boolean => value === undefined || /[xX*]/.test(value)
    const minorDirty = !wild(major) && wild(minor)
    const patchDirty = !wild(major) && !wild(minor) && wild(patch)
    const numbers = wild(major) ? '0.0.0' : wild(minor) ? `${major}.0.0` : wild(patch) ? `${major}.${minor}.0` : `${major}.${minor}.${patch}`
    const version = parseSemVer(`${numbers}${pre ?? ''}`)
    if (version === undefined) return undefined
    const bound = { version, dirty: wild(major) || minorDirty || patchDirty, minorDirty, patchDirty }
    all.push({ test: tests[operator ?? ''] ?? equal, bound })
    at += whole.length
    const gap = /^\s*,\s*|^\s+/.exec(text.slice(at))?.[0].length ?? 0
    at += gap
    if (gap === 0 ? at < text.length : at === text.length) return undefined
  }
  return all
}

type Test = (version: SemVer, bound: Bound) => boolean

const equal: Test = (v, bound) => (bound.dirty ? tilde(v, bound) : compareSemVer(v, bound.version) === 0)

const notEqual: Test = (v, { version: b, dirty, minorDirty, patchDirty }) => {
  if (!dirty) return compareSemVer(v, b) !== 0
  if (v.major !== b.major) return true
  if (v.minor !== b.minor && !minorDirty) return true
  if (minorDirty) return false
  if (v.patch !== b.patch && !patchDirty) return true
  return patchDirty && (v.pre !== '' || b.pre !== '') && compareSemVer({ ...v, patch: b.patch }, b) !== 0
}

/** `>11` means 12 and up, `>11.1` means 11.2 and up. */
const greater: Test = (v, { version: b, dirty, minorDirty, patchDirty }) => {
  if (!dirty) return compareSemVer(v, b) > 0
  if (v.major !== b.major) return v.major > b.major
  if (minorDirty) return false
  if (patchDirty) return v.minor > b.minor
  return compareSemVer(v, b) > 0
}

/** `<=11` includes all of 11, `<=11.1` all of 11.1. */
const atMost: Test = (v, { version: b, dirty, minorDirty }) => {
  if (!dirty) return compareSemVer(v, b) <= 0
  return !(v.major > b.major || (v.major === b.major && v.minor > b.minor && !minorDirty))
}

const tilde: Test = (v, { version: b, minorDirty, patchDirty }) => {
  if (compareSemVer(v, b) < 0) return false
  if (b.major === 0n && b.minor === 0n && b.patch === 0n && !minorDirty && !patchDirty) return true
  return v.major === b.major && (v.minor === b.minor || minorDirty)
}

/** `^`: the first part that is not zero must be the same. */
const caret: Test = (v, { version: b, minorDirty, patchDirty }) => {
  if (compareSemVer(v, b) < 0) return false
  if (b.major > 0n || minorDirty) return v.major === b.major
  if (v.major > 0n) return false
  if (b.minor > 0n || patchDirty) return v.minor === b.minor
  return v.minor === 0n && v.patch === b.patch
}

const less: Test = (v, bound) => compareSemVer(v, bound.version) < 0
const atLeast: Test = (v, bound) => compareSemVer(v, bound.version) >= 0

const tests: Readonly<Record<string, Test>> = {
  '': equal,
  '=': equal,
  '!=': notEqual,
  '>': greater,
  '<': less,
  '>=': atLeast,
  '=>': atLeast,
  '<=': atMost,
  '=<': atMost,
  '~': tilde,
  '~>': tilde,
  '^': caret,
}
