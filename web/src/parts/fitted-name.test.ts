import { expect, test } from 'vitest'
import { fittedName } from './fitted-name.ts'

test.each([
  ['unit', 'unit'],
  ['create-bosh-candidate-release-noble', 'create-bos…ease-noble'],
  ['payments-單元測試單元測試單元測試', 'payment…測試單元測試'],
])('the name %s fits into 21 columns as %s, wide letters counted twice', (name, shown) => {
  const columns = [...fittedName(name, 21)].reduce((sum, letter) => sum + (letter > '\u2e80' ? 2 : 1), 0)
  expect(columns).toBeLessThanOrEqual(21)
  expect(fittedName(name, 21)).toBe(shown)
})
