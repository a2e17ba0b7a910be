import { describe, expect, it } from 'vitest'
import { parseConstraint } from './semver-constraint.ts'
import { compareSemVer, parseSemVer } from './semver.ts'

describe('versions', () => {
  it.each(['1', 'v1', '1.2', '01.2', '1.2.3-0', '1-alpine', '20240101', '18446744073709551615', '1.2.3-rc+b', '1.2.3--'])('%s is one', (text) => {
    expect(parseSemVer(text)).toBeDefined()
  })
  it.each(['', 'latest', 'V1', '1.', '1.2.3.4', '1.2.3-01', '1.2.3-', '-1', '18446744073709551616', '1_2'])('%s is none', (text) => {
    expect(parseSemVer(text)).toBeUndefined()
  })
  it('have an order', () => {
    const ordered = ['0.9', '1-alpha', '1-alpha.1', '1-alpha.beta', '1-beta.2', '1-beta.11', '1-rc', '1', '1.0.1', '1.2', '1.10', '2', '10', '20240101']
    const versions = ordered.map((text) => parseSemVer(text)).filter((version) => version !== undefined)
    const shuffled = versions.toReversed().toSorted(compareSemVer)
    expect(shuffled.map(({ original }) => original)).toEqual(ordered)
    const [a, b] = [parseSemVer('1'), parseSemVer('v1.0.0')]
    expect(a && b && compareSemVer(a, b)).toBe(0)
  })
})

describe('constraints', () => {
  it.each<[string, string[], string[]]>([
    ['1.2.3', ['1.2.3', 'v1.2.3'], ['1.2.4', '1.2.3-rc']],
    ['1.2', ['1.2.0', '1.2.9'], ['1.3.0', '1.1']],
    ['1.x', ['1.0', '1.9.9'], ['2.0', '1.1-rc']],
    ['*', ['0.0.1', '9'], ['1-rc']],
    ['~1.2.3', ['1.2.3', '1.2.9'], ['1.3.0', '1.2.2']],
    ['~1', ['1.9'], ['2']],
    ['^1.2.3', ['1.2.3', '1.9'], ['2.0', '1.2.2']],
    ['^0.2.3', ['0.2.5'], ['0.3.0', '1.0']],
    ['^0.0.3', ['0.0.3'], ['0.0.4']],
    ['>= 1.2 < 3.0.0 || >= 4.2.3', ['1.2', '2.9', '4.2.3', '5'], ['1.1', '3', '4.2.2']],
    ['>11', ['12'], ['11.1', '11']],
    ['>11.1', ['11.2', '12'], ['11.1.5']],
    ['<=11', ['11.9.9', '10'], ['12']],
    ['1.2 - 1.4.5', ['1.2', '1.4.5'], ['1.4.6', '1.1']],
    ['!=1.2.x', ['1.3', '1.1'], ['1.2.7']],
    ['>=1.0-0', ['1.0', '2-rc.1'], ['0.9']],
    ['1-rc - 2', ['1', '1.2.3-alpha', '2.1'], ['3', '0.9']],
  ])('%s', (text, meant, others) => {
    const parsed = parseConstraint(text)
    if (!parsed.ok) throw new Error(parsed.error)
    const meets = (version: string): boolean => parsed.value(parseSemVer(version) ?? expect.fail(version))
    expect(meant.filter((version) => !meets(version))).toEqual([])
    expect(others.filter(meets)).toEqual([])
  })
  it.each(['', 'abc', '>> 1', '1..2', '1 ||', '1.2,', '>1<2', 'x'.repeat(2000)])('%s is none', (text) => {
    expect(parseConstraint(text).ok).toBe(false)
  })
})
