import type { Command } from 'commander'
import { operatorTrust } from '../../images/reference/registry-trust.ts'
import { addRegistryTrustFlag, registryTrusts } from '../registry-trust.ts'
import { pushSupervisor } from '../supervisor-image.ts'
import { terminal } from '../terminal.ts'

export function addSupervisorCommand(program: Command): void {
  const supervisor = program.command('supervisor').summary("the supervisor's image, which a cluster's nodes pull")
  addRegistryTrustFlag(supervisor.command('push'))
    .description(
      'Writes the image of the supervisor (linux/amd64 and linux/arm64, a few MB) to a registry that the nodes can pull from, and\n' +
        'prints the reference for --supervisor-image. Credentials come from ~/.docker/config.json.',
    )
    .argument('<REPOSITORY>', 'e.g. registry.example.com/ci/airside-supervisor')
    .action(async (repository: string, { registryTrust }: { readonly registryTrust: readonly string[] }) => {
      terminal.line(await pushSupervisor(repository, terminal.say, operatorTrust(registryTrusts(registryTrust), [])))
    })
}
