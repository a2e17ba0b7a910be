import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { states } from '../parts/state.ts'

const textOf = (file: string): string => readFileSync(join(import.meta.dirname, file), 'utf8')

/** The properties of each theme, as tokens.css has them. */
const [light = {}, dark = {}] = [/:root \{([^}]*)\}/, /:root\[data-theme='dark'\] \{([^}]*)\}/].map((rule) =>
  Object.fromEntries([...(rule.exec(textOf('tokens.css'))?.[1] ?? '').matchAll(/--([\w-]+): (#[\da-f]{3,6});/g)].map(([, name = '', value = '']) => [name, value])))
const themes = [['light', light], ['dark', dark]] as const

type Rgb = readonly [number, number, number]

/** Linear light, 0 to 1. */
const linear = (hex: string): Rgb => {
  const long = hex.length === 4 ? [...hex.slice(1)].map((digit) => digit + digit).join('') : hex.slice(1)
  const [r = 0, g = 0, b = 0] = [0, 2, 4].map((at) => Number.parseInt(long.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return [r, g, b]
}

function contrast(one: string, other: string): number {
  const [more = 0, less = 0] = [one, other].map(linear).map(([r, g, b]) => 0.2126 * r + 0.7152 * g + 0.0722 * b).toSorted((a, b) => b - a)
  return (more + 0.05) / (less + 0.05)
}

/** As people without green cones see it (Machado, Oliveira and Fernandes 2009). */
const deuteranope = ([r, g, b]: Rgb): Rgb => [0.367322 * r + 0.860646 * g - 0.227968 * b, 0.280085 * r + 0.672501 * g + 0.047413 * b, -0.01182 * r + 0.04294 * g + 0.968881 * b]

/** CIE L*a*b*, of D65. */
function lab(colour: Rgb): Rgb {
  const [r = 0, g = 0, b = 0] = colour.map((part) => Math.min(1, Math.max(0, part)))
  const f = (t: number): number => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116)
  const [x, y, z] = [f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047), f(0.2126 * r + 0.7152 * g + 0.0722 * b), f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883)]
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)]
}

const difference = (one: string, other: string): number => {
  const [a, b] = [one, other].map((colour) => lab(deuteranope(linear(colour)))) as [Rgb, Rgb]
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

test.each(themes)('%s: states have 3:1 on both grounds, and any two differ for deuteranopes, success and failure most of all', (_theme, tokens) => {
  const of = (name: string): string => tokens[name] ?? '#000'
  expect(states.flatMap((state) => ['bg', 'panel'].map((ground) => [`${state} on ${ground}`, contrast(of(state), of(ground))] as const)).filter(([, ratio]) => ratio < 3)).toEqual([])
  const pairs = states.flatMap((one, at) => states.slice(at + 1).map((other) => [`${one} ${other}`, difference(of(one), of(other))] as const))
  expect(pairs.filter(([, delta]) => delta < 15)).toEqual([])
  expect(difference(of('succeeded'), of('failed'))).toBeGreaterThan(36)
})

test.each(themes)('%s: text has 4.5:1 on each ground, and so have the colours of logs', (theme, tokens) => {
  const of = (name: string): string => tokens[name] ?? '#000'
  const texts = ['text', 'dim', 'failed-text', 'accent'].flatMap((name) => ['bg', 'panel', 'raise', 'code'].map((ground) => [`${name} on ${ground}`, contrast(of(name), of(ground))] as const))
  const rules = [...textOf('../log/Segments.module.css').matchAll(/\.colour(\d+) \{ color: (?:var\(--([\w-]+)\)|light-dark\((#\w+), (#\w+)\)); \}/g)]
  expect(rules).toHaveLength(16)
  const logs = rules.map(([, number, token, bright, night]) => [`colour ${number}`, contrast(token === undefined ? ((theme === 'light' ? bright : night) ?? '') : of(token), of('code'))] as const)
  const grounds = [...textOf('../log/Segments.module.css').matchAll(/\.ground(\d) \{ background: (?:light-dark\((#\w+), (#\w+)\)|(#\w+)); color: (#\w+); \}/g)]
  expect(grounds).toHaveLength(8)
  const behind = grounds.map(([, number, bright, night, both, colour = '']) => [`ground ${number}`, contrast((both ?? (theme === 'light' ? bright : night)) ?? '', colour)] as const)
  expect([...texts, ...logs, ...behind].filter(([, ratio]) => ratio < 4.5)).toEqual([])
})
