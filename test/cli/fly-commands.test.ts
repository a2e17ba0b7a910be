import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { commands, fileOf, flyCommands, localCommands } from '../e2e/wire/commands.ts'
import type { Recording } from '../e2e/wire/exchange.ts'

const folder = join(import.meta.dirname, '..', 'e2e', 'wire', 'recordings')
const nameOf = (args: string): string => args.replace('-t x ', '').split(' ')[0] ?? ''

test('every command of fly 8.2.5 is recorded, or sends nothing to a server', () => {
  const recorded = new Set(commands.map(({ args }) => nameOf(args)))
  expect(flyCommands.filter((name) => !recorded.has(name))).toEqual(localCommands)
  expect([...recorded].filter((name) => !flyCommands.includes(name))).toEqual([])
  expect(localCommands.filter((name) => recorded.has(name))).toEqual([])
})

test('each command has its recording, and each recording its command, with what it asked of the server', () => {
  expect(readdirSync(folder).toSorted()).toEqual(commands.map((_, index) => fileOf(index)))
  for (const [index, { args }] of commands.entries()) {
    const { command, exchanges } = JSON.parse(readFileSync(join(folder, fileOf(index)), 'utf8')) as Recording
    expect(command).toBe(`fly ${args}`)
    expect(exchanges, command).not.toEqual([])
  }
})
