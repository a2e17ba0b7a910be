import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addCommands } from '../../src/cli/commands/all.ts'
import { helpLayout } from '../../src/cli/settings/help.ts'
import { airside } from '../e2e/airside.ts'

const width = 100

describe('the help', () => {
  // Commands take over the layout of the program when they are added to it.
  const program = new Command('airside').configureHelp({ ...helpLayout, helpWidth: width }).exitOverride()
  addCommands(program)
  const help = (command: Command) => {
    let shown = ''
    command.configureOutput({ writeOut: (text) => void (shown += text) }).outputHelp()
    return shown
  }

  test.each(program.commands.flatMap((command) => [command, ...command.commands]).map((command) => [command.name(), command] as const))('of %s has no default that says nothing, and fits its width', (_, command) => {
    const lines = help(command).split('\n')
    expect(lines.filter((line) => /default: (?:\[\]|"")/.test(line))).toEqual([])
    const examples = lines.findIndex((line) => line.startsWith('Example'))
    expect(lines.slice(0, examples === -1 ? undefined : examples).filter((line) => line.length > width)).toEqual([])
  })

  test('of run begins with the job and its inputs, one line for each flag, and ends with examples', () => {
    const [run] = program.commands.filter((command) => command.name() === 'run')
    const shown = run === undefined ? '' : help(run)
    const headings = shown.split('\n').filter((line) => /^[A-Z][A-Za-z ]*:$/.test(line))
    expect(headings).toEqual(['Arguments:', 'Job and inputs:', 'Runtime:', 'Images:', 'Kubernetes:', 'Docker:', 'Interception:', 'Data:', 'Credentials:', 'Server:', 'Advanced:', 'Options:', 'Examples:'])
    const flags = shown.slice(shown.indexOf('Job and inputs:'), shown.indexOf('Examples:')).split('\n')
    for (const line of flags.filter((one) => one.startsWith(' '))) expect(line).toMatch(/^ {2}(?:-[a-z], | {4})--[a-z]/)
  })
})

test('airside settings lists settings and explains one; a slip in its name is answered', async () => {
  expect(await airside(['settings']).ended).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Kubernetes:\n(?: {2}.*\n)* {2}namespace {18}Namespace of steps' pods$/m) as string })
  expect(await airside(['settings', '--keep-for']).ended).toMatchObject({ status: 2 })
  expect(await airside(['settings', 'keep-for']).ended).toMatchObject({ status: 0, stdout: expect.stringContaining('environment: AIRSIDE_KEEP_FOR, AIRSIDE_KEEP_FOR_FILE') as string })
  expect(await airside(['settings', 'keepfor']).ended).toMatchObject({ status: 2, stderr: 'there is no setting keepfor; did you mean keep-for?\n' })
})

test('a wrong variable and a wrong file end a command before anything runs, with their place', async () => {
  expect(await airside(['run', 'x.yml'], { AIRSIDE_RUNTIME: 'nomad' }).ended).toMatchObject({ status: 2, stderr: 'AIRSIDE_RUNTIME "nomad": write docker or kubernetes\n' })
  expect(await airside(['clean', '--config', '/nope.yml']).ended).toMatchObject({ status: 2, stderr: expect.stringContaining('cannot read the file of settings: ENOENT') as string })
})
