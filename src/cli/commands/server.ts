import type { Command } from 'commander'
import { operatorTrust } from '../../images/reference/registry-trust.ts'
import { pushServer } from '../push/server-image.ts'
import { addSettings, settingsOf } from '../settings/settings-of.ts'
import { terminal } from '../terminal.ts'

export function addServerCommand(program: Command): void {
  const server = program.command('server').summary("the server's image, which a cluster runs")
  const push = server
    .command('push')
    .summary('push it to a registry, and print its reference for deploy/server.yaml')
    .description(
      'Puts this clone of Airside on an image with Node 24 and writes that to a registry that the nodes can pull from, for linux/amd64 and ' +
        'linux/arm64. No container engine is needed. Prints the reference for deploy/server.yaml. Credentials come from ~/.docker/config.json.',
    )
    .addHelpText('after', '\nExample:\n  airside server push registry.example.com/ci/airside')
    .argument('<REPOSITORY>', 'e.g. registry.example.com/ci/airside')
    .action(async (repository: string) => {
      const { registryTrust, registryMirror: mirror, baseImage: base } = settingsOf('server push', push, terminal.say)
      terminal.line(await pushServer({ repository, base, mirror, trust: operatorTrust(registryTrust, []) }, terminal.say))
    })
  addSettings(push, 'server push')
}
