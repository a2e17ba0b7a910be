import type { Command } from 'commander'
import { gcComponents, runtimeComponents } from '../../../model/component.ts'
import { ok } from '../../../model/result.ts'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { orFail } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { list, onOff } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

export function addComponentCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['get-components', 'gc'],
    summary: 'list what servers do by themselves, and whether it is paused',
    examples: ['airside get-components'],
    flags: jsonFlag,
    async run(session, { json }) {
      const items = orFail(await session.api.components(), session, 'this server has no components')
      showList({
        json,
        items,
        head: ['component', 'interval', 'last ran', 'paused'],
        row: ({ name, interval, last_ran: ran, paused }) => [{ text: name }, { text: `${interval / 1e9}s` }, { text: ran.startsWith('0001-') ? 'never' : ran }, { text: paused ? 'yes' : 'no' }],
      })
    },
  })
  for (const what of ['pause', 'unpause'] as const) {
    addRemoteCommand(program, {
      names: [`${what}-component`, what === 'pause' ? 'pc' : 'uc'],
      summary: what === 'pause' ? 'stop something that servers do by themselves' : 'let it go on',
      description: what === 'pause' ? 'Stops something that servers do by themselves, at all servers, until it is unpaused. What is under way goes on to its end.' : 'Lets a paused component go on, at all servers.',
      examples: [`airside ${what}-component -n scheduler`, `airside ${what}-component --runtime-components`, `airside ${what}-component --all`],
      flags: {
        name: { short: 'n', type: list('COMPONENT', ok<string>), summary: 'the component; given several times' },
        'runtime-components': { type: onOff, summary: `those that start and run builds: ${runtimeComponents.join(', ')}` },
        'gc-components': { type: onOff, summary: 'those that remove what is no longer needed' },
        all: { short: 'a', type: onOff, summary: 'all of them' },
      },
      async run(session, { name, runtimeComponents: runtime, gcComponents: gc, all }) {
        const names = [...name, ...(runtime ? runtimeComponents : []), ...(gc ? gcComponents : [])]
        if (all === names.length > 0) throw new CommandError('which component? -n COMPONENT, or --all')
        for (const name of all ? [undefined] : names) {
          orFail(await session.api.changeComponent(name, what), session, `there is no component ${name ?? ''}; airside get-components lists them`)
          terminal.line(`${what}d ${name ?? 'all components'}`)
        }
      },
    })
  }
}
