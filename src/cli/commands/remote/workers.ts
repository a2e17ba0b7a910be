import type { Command } from 'commander'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { orFail } from '../../remote/session.ts'
import { onOff, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const ofConcourse = "Concourse's servers have workers; Airside's have none, and refuse this with what to do in its place."

/** What is done to workers. */
export function addWorkerCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['land-worker', 'lw'],
    summary: 'have a worker end its work (Concourse)',
    description: `Has a worker take no more work and stop. ${ofConcourse}`,
    examples: ['airside land-worker -w worker-1'],
    flags: { worker: { short: 'w', type: text('NAME'), summary: 'the worker' } },
    async run(session, { worker }) {
      if (worker === undefined) throw new CommandError('which worker? -w NAME')
      orFail(await session.api.landWorker(worker), session, `there is no worker ${worker}`)
      terminal.line(`landed ${worker}`)
    },
  })
  addRemoteCommand(program, {
    names: ['prune-worker', 'pw'],
    summary: 'forget a worker that is gone (Concourse)',
    description: `Forgets a worker that is stalled or has landed. ${ofConcourse}`,
    examples: ['airside prune-worker -w worker-1', 'airside prune-worker --all-stalled'],
    flags: { worker: { short: 'w', type: text('NAME'), summary: 'the worker' }, 'all-stalled': { short: 'a', type: onOff, summary: 'all that are stalled' } },
    async run(session, { worker, allStalled }) {
      if (worker === undefined && !allStalled) throw new CommandError('which worker? -w NAME, or --all-stalled')
      const stalled = allStalled ? orFail(await session.api.workers(), session).filter(({ state }) => state === 'stalled') : []
      const names = [...(worker === undefined ? [] : [worker]), ...stalled.map(({ name }) => name)]
      if (names.length === 0) terminal.line('no worker is stalled')
      for (const name of names) {
        orFail(await session.api.pruneWorker(name), session, `there is no worker ${name}`)
        terminal.line(`pruned ${name}`)
      }
    },
  })
}
