import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addCommands } from '../../src/cli/commands/all.ts'
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

/** Other names that `fly help` of 8.2.5 gives its commands. */
const aliases: Readonly<Record<string, string>> = {
  'abort-build': 'ab', 'active-users': 'au', 'archive-pipeline': 'ap', builds: 'bs', 'check-resource': 'cr', 'check-resource-type': 'crt', checklist: 'cl', 'clear-resource-cache': 'crc',
  'clear-task-cache': 'ctc', 'clear-versions': 'cv', 'clear-wall': 'cw', containers: 'cs', curl: 'c', 'delete-target': 'dtg', 'destroy-pipeline': 'dp', 'destroy-team': 'dt',
  'disable-resource-version': 'drv', 'edit-target': 'etg', 'enable-resource-version': 'erv', execute: 'e', 'expose-pipeline': 'ep', 'format-pipeline': 'fp', 'get-components': 'gc',
  'get-pipeline': 'gp', 'get-team': 'gt', 'get-wall': 'gw', 'hide-pipeline': 'hp', hijack: 'intercept i', jobs: 'js', 'land-worker': 'lw', login: 'l', logout: 'o',
  'order-instanced-pipelines': 'oip', 'order-pipelines': 'op', 'pause-component': 'pc', 'pause-job': 'pj', 'pause-pipeline': 'pp', 'paused-jobs': 'pjs', 'paused-pipelines': 'pps',
  'pin-resource': 'pr', pipelines: 'ps', 'prune-worker': 'pw', 'rename-pipeline': 'rp', 'rename-team': 'rt', 'rerun-build': 'rb', 'resource-versions': 'rvs', resources: 'rs', 'schedule-job':
  'sj', 'set-pipeline': 'sp', 'set-team': 'st', 'set-wall': 'sw', sync: 's', targets: 'ts', teams: 't', 'trigger-job': 'tj', 'unpause-component': 'uc', 'unpause-job': 'uj',
  'unpause-pipeline': 'up', 'unpin-resource': 'ur', 'validate-pipeline': 'vp', volumes: 'vs', watch: 'w', workers: 'ws',
}

test('every command of fly 8.2.5 is one of airside, by each of its names', () => {
  const program = new Command('airside')
  addCommands(program)
  const help = program.createHelp().visibleCommands(program).map((command) => command.name())
  const named = (name: string) => program.commands.find((command) => command.name() === name || command.aliases().includes(name))?.name() ?? (help.includes(name) ? name : undefined)
  expect(flyCommands.filter((name) => named(name) === undefined)).toEqual([])
  const other = Object.entries(aliases).flatMap(([name, others]) => others.split(' ').filter((alias) => named(alias) !== named(name)))
  // Without -t it enters containers of this machine: src/cli/remote/target-first.ts.
  expect(other).toEqual(['intercept'])
})
