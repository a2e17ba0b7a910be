import { openApp, type App } from '../../app/open-app.ts'
import { instanceNumbers } from '../../db/pglite/instance.ts'
import type { AppOptions } from '../../app/options.ts'
import { CommandError } from '../exit.ts'

export interface Resumable {
  readonly app: App
  readonly buildId: number
}

/** Opens the database that holds an unfinished build whose process is gone: the wanted one (`7`, or `instance/7`), or the latest. */
export async function openResumable(options: AppOptions, wanted: string | true): Promise<Resumable> {
  const { instance, build } = parse(wanted)
  for (const number of instance === undefined ? await instanceNumbers(options.data) : [instance]) {
    const opened = await openApp(options, number)
    if (!opened.ok) {
      if (instance !== undefined) throw new CommandError(opened.error)
      if (!opened.error.includes('another process holds')) throw new CommandError(opened.error)
      continue
    }
    const app = opened.value
    const unfinished = await app.stores.builds.list({ unfinished: true })
    const found = unfinished.find((candidate) => (build === undefined ? candidate.kind === 'job' : candidate.id === build))
    if (found !== undefined) return { app, buildId: found.id }
    await app.close()
  }
  throw new CommandError(build === undefined ? 'there is no unfinished build to go on with' : `build ${String(wanted)} is not unfinished here, or its process still runs`)
}

function parse(wanted: string | true): { instance?: number; build?: number } {
  if (wanted === true) return {}
  const parts = /^(?:(\d+)\/)?(\d+)$/.exec(wanted)
  if (parts === null) throw new CommandError(`--resume "${wanted}": give a build's number, as airside run --list shows it`)
  return { build: Number(parts[2]), ...(parts[1] !== undefined && { instance: Number(parts[1]) }) }
}
