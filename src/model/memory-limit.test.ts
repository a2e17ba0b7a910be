import { expect, it } from 'vitest'
import { containerMemory } from './memory-limit.ts'

const mebi = 1024 * 1024

it('a limit of 256 MiB or more is the container’s, as programs read it there', () => {
  expect([256, 1024, 2 ** 30].map((limit) => containerMemory(limit * mebi) / mebi)).toEqual([256, 1024, 2 ** 30])
})

it('a smaller limit is raised for the supervisor, and never above a larger one', () => {
  expect([1, 64, 223, 224, 240, 255].map((limit) => containerMemory(limit * mebi) / mebi)).toEqual([33, 96, 255, 256, 256, 256])
})
