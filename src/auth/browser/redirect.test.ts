import { expect, test } from 'vitest'
import { safeRedirect } from './redirect.ts'

test.each([
  ['/', '/'],
  ['/teams/main/pipelines/p/jobs/j?vars.branch=%22a%2Fb%22', '/teams/main/pipelines/p/jobs/j?vars.branch=%22a%2Fb%22'],
  ['/builds/7', '/builds/7'],
  ['/teams/main/pipelines/100%25', '/teams/main/pipelines/100%25'],
  ['/fly_success?fly_port=8123', '/fly_success?fly_port=8123'],
  ['/builds/7#L6a1:3:9', '/builds/7#L6a1:3:9'],
  ['/terminal?team=main&handle=x', '/terminal?team=main&handle=x'],
  ['/teams/main/pipelines/%C3%BCbersicht/jobs/a%20b', '/teams/main/pipelines/%C3%BCbersicht/jobs/a%20b'],
  ['/teams/main/pipelines/p?vars.branch=%22a%20%E5%90%8D%22', '/teams/main/pipelines/p?vars.branch=%22a%20%E5%90%8D%22'],
])('S3: a login may lead to %s', (text, expected) => {
  expect(safeRedirect(text)).toBe(expected)
})

test.each([
  '', 'teams', 'https://evil.example', '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/%2fevil.example', '/%5cevil.example', '/%252fevil.example',
  '/%25252fevil.example', '/%2525252525252525252fevil.example', '/\tevil.example', '/%09/evil.example', '/%0d%0aSet-Cookie:x', '/\0', '/%00', '/ü', '/%c3%bc', ' /', '/a b',
  '/@evil.example/..//evil.example', '/.//evil.example', '/teams/..//evil.example', '/x/..//evil.example', '/teams/../sky/logout', '/teams/%2e%2e/%2e%2e//evil.example', '/sky/logout', '/api/v1/info', '/fly_success/x',
  '/teamsx', '/teams/ü', '/teams/a b', '/teams/%0a', '/teams/%250d%250ax', '/teams/%7f', '/teams/%c2%85', '/teams/%2e%2e/%5cevil.example', '/teams/..%5c/evil.example',
  'javascript:alert(1)', '/javascript:alert(1)', 'http:evil.example', '//user@evil.example', '/／evil.example', '/。evil.example', '/%25%32%66evil.example',
])('S3: a login does not lead to %j', (text) => {
  expect(safeRedirect(text)).toBeUndefined()
})

test('S3: what is still encoded after five stages is refused', () => {
  const encoded = (times: number): string => `/teams/${'%' + '25'.repeat(times)}41`
  expect([safeRedirect(encoded(4)), safeRedirect(encoded(5))]).toEqual([encoded(4), undefined])
})
