import type { Command } from 'commander'
import { operatorTrust } from '../../images/reference/registry-trust.ts'
import { pushSupervisor } from '../push/supervisor-image.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import { terminal } from '../terminal.ts'

export function addSupervisorCommand(program: Command): void {
  const supervisor = program.command('supervisor').summary("the supervisor's image, which a cluster's nodes pull")
  const push = supervisor
    .command('push')
    .summary('push it to a registry, and print the reference for --supervisor-image')
    .description(
      'Writes the image of the supervisor (linux/amd64 and linux/arm64, a few MB) to a registry that the nodes can pull from, and ' +
        'prints the reference for --supervisor-image. Credentials come from ~/.docker/config.json.',
    )
    .argument('<REPOSITORY>', 'e.g. registry.example.com/ci/airside-supervisor')
    .action(async (repository: string) => {
      const { registryTrust } = settingsOf('supervisor push', push, terminal.say)
      terminal.line(await pushSupervisor(repository, terminal.say, operatorTrust(registryTrust, [])))
    })
  addSettings(push, 'supervisor push')
}
