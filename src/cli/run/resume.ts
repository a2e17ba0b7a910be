import { openResumable, type Resumable, type WantedBuild } from '../../app/open-resumable.ts'
import type { AppOptions } from '../../app/options.ts'
import { CommandError } from '../exit.ts'

/** Opens what `--resume` names: `7`, `instance/7`, or nothing for the latest. */
export async function resume(options: AppOptions, wanted: string | true): Promise<Resumable> {
  const opened = await openResumable(options, parse(wanted))
  if (opened.ok) return opened.value
  switch (opened.error.kind) {
    case 'database-held':
    case 'no-runtime':
    case 'no-credentials':
      throw new CommandError(opened.error.message)
    case 'nothing-unfinished':
      throw new CommandError(wanted === true ? 'there is no unfinished build to go on with' : `build ${wanted} is not unfinished here, or its process still runs`)
  }
}

function parse(wanted: string | true): WantedBuild {
  if (wanted === true) return {}
  const parts = /^(?:(\d+)\/)?(\d+)$/.exec(wanted)
  if (parts === null) throw new CommandError(`--resume "${wanted}": give a build's number, as airside run --list shows it`)
  return { build: Number(parts[2]), ...(parts[1] !== undefined && { instance: Number(parts[1]) }) }
}
