import { expect, test } from 'vitest'
import { iconOf } from './favicon.ts'
import { states } from './state.ts'

test('each state has an icon of its own for the tab, which is whole by itself', () => {
  const icons = states.map((state) => decodeURIComponent(iconOf(state)))
  expect(new Set(icons).size).toBe(states.length)
  for (const icon of icons) expect(icon).toMatch(/^data:image\/svg\+xml,<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" [^>]*>.*<\/svg>$/)
  expect(icons.filter((icon) => /var\(|currentColor|url\(/.test(icon))).toEqual([])
})
