import { expect, test } from 'vitest'
import { withLoopback } from './trust-loopback.ts'

const own = '[[registry]]\nprefix = "127.0.0.1"\nlocation = "127.0.0.1"\ninsecure = true\n'

test.each([
  ['', own],
  ['unqualified-search-registries = ["docker.io"]', `unqualified-search-registries = ["docker.io"]\n${own}`],
  ['[[registry]]\nlocation = "mirror"\n', `[[registry]]\nlocation = "mirror"\n${own}`],
  ["[registries.insecure]\nregistries = ['x']\n", own],
])('registries of %j stay, and 127.0.0.1 is added', (users, written) => {
  expect(withLoopback(users)).toBe(written)
})
