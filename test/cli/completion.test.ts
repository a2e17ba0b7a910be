import { spawnSync } from 'node:child_process'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { addCommands } from '../../src/cli/commands/all.ts'
import { completionScript, shells } from '../../src/cli/completion/shells.ts'
import { completedCommands } from '../../src/cli/completion/tree.ts'
import { airside } from '../e2e/airside.ts'

const program = new Command('airside')
addCommands(program)
const commands = completedCommands(program)

/** What the help shows, by commander's own words. */
const shown = program.createHelp().visibleCommands(program).map((command) => ({
  name: command.name(),
  flags: program.createHelp().visibleOptions(command).flatMap(({ long, short }) => [long, short].filter((flag) => flag != null)),
}))

describe.each(shells)('the completion of %s', (shell) => {
  const script = completionScript(shell, commands)

  test('has each command and each flag that the help shows', () => {
    const written = (flag: string): RegExp => (shell === 'fish' ? new RegExp(`-${flag.startsWith('--') ? 'l' : 's'} ${flag.replace(/^--?/, '')}\\b`) : new RegExp(`[ ']${flag}[ ':]`))
    const lacking = shown
      .filter(({ name }) => name !== 'help')
      .flatMap(({ name, flags }) => {
        const own = shell === 'fish' ? script.split('\n').filter((line) => new RegExp(`from ${name}[ ']`).test(line)).join('\n') : (new RegExp(`^    ${name}(?: ?\\|[^)]*)?\\)[\\s\\S]*?;;`, 'm').exec(script)?.[0] ?? '')
        return [...(new RegExp(`[ ']${name}[ ':]`).test(script) ? [] : [name]), ...flags.filter((flag) => !written(flag).test(own)).map((flag) => `${name} ${flag}`)]
      })
    expect(lacking).toEqual([])
  })
})

test('bash completes commands, flags, files and names of servers', () => {
  const asked = ['airside exec', 'airside -t ci pause-c', 'airside execute --inc', 'airside e --pri', 'airside execute -c ', 'airside execute -- --pri', 'airside supervisor p', 'airside watch -t ']
  const script = `${completionScript('bash', commands)}
airside() { printf 'ci  http://ci\\nother  http://other\\n'; }
ask() { COMP_WORDS=($1); [[ $1 == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _airside; echo "\${COMPREPLY[*]}"; }
${asked.map((line) => `ask '${line}'`).join('\n')}
`
  const { stdout, stderr } = spawnSync('bash', [], { input: script, encoding: 'utf8' })
  expect(stderr).toBe('')
  expect(stdout.split('\n').slice(0, -1)).toEqual(['execute', 'pause-component', '--include-ignored', '--privileged', '', '', 'push', 'ci other'])
})

test('a shell is named', async () => {
  expect(await airside(['completion', 'tcsh']).ended).toMatchObject({ status: 2, stderr: 'there is no completion for tcsh; write bash, zsh, fish\n' })
  expect((await airside(['completion', 'fish']).ended).stdout).toBe(completionScript('fish', commands))
})
