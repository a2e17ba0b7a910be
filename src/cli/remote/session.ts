import { ApiClient } from '../../client/api-client.ts'
import type { ClientError } from '../../client/client-error.ts'
import { Connection } from '../../client/connection.ts'
import { readTargets, targetsFile, type SavedTarget } from '../../client/targets.ts'
import type { PipelineRef } from '../../model/pipeline.ts'
import type { Result } from '../../model/result.ts'
import { CommandError, exitStatus } from '../exit.ts'
import { secrets, terminal } from '../terminal.ts'
import type { WrittenPipeline } from './refs.ts'

/** A server, as the user who logged in to it. */
export interface Session {
  readonly name: string
  readonly target: SavedTarget
  readonly api: ApiClient
  /** In the target's team, or another that was named. */
  pipeline(written: WrittenPipeline, team?: string): PipelineRef
}

/** Runs `work` with the server that a name means, and lets go of its connections. */
export async function withSession<T>(wanted: string | undefined, work: (session: Session) => Promise<T>): Promise<T> {
  const { name, target } = await chooseTarget(wanted)
  if (target.token !== undefined) secrets.keep([target.token.value])
  const said = new Set<string>()
  const connection = await Connection.open(target, {
    onWarning: (text) => {
      // A command may ask for several things.
      if (!said.has(text)) terminal.say(`warning: ${text}`)
      said.add(text)
    },
  })
  if (!connection.ok) throw new CommandError(connection.error)
  try {
    return await work({
      name,
      target,
      api: new ApiClient(connection.value),
      pipeline: ({ name: pipeline, instanceVars }, team = target.team) => ({ team, name: pipeline, ...(instanceVars && { instanceVars }) }),
    })
  } finally {
    await connection.value.close()
  }
}

async function chooseTarget(wanted: string | undefined): Promise<{ name: string; target: SavedTarget }> {
  const targets = await savedTargets()
  const named = wanted ?? (process.env['AIRSIDE_TARGET'] || undefined)
  if (named !== undefined) {
    const target = targets.get(named)
    if (target !== undefined) return { name: named, target }
    throw new CommandError(`there is no target ${named}; log in with: airside login -t ${named} -c URL${listed(targets)}`)
  }
  const [only, another] = [...targets]
  if (only !== undefined && another === undefined) return { name: only[0], target: only[1] }
  throw new CommandError(only === undefined ? 'no server is known yet; log in with: airside login -t NAME -c URL' : `which server? -t NAME, or AIRSIDE_TARGET${listed(targets)}`)
}

export async function savedTargets(): Promise<ReadonlyMap<string, SavedTarget>> {
  const targets = await readTargets(targetsFile())
  if (!targets.ok) throw new CommandError(targets.error)
  return targets.value
}

const listed = (targets: ReadonlyMap<string, SavedTarget>): string =>
  targets.size === 0 ? '' : `\nknown targets:\n${[...targets].map(([name, { api, team }]) => `  ${name}  ${api} (team ${team})`).join('\n')}`

/** The value, or the end of the command in words. `missing` is said where the server knows nothing of the kind. */
export function orFail<T>(result: Result<T, ClientError>, session: Pick<Session, 'name' | 'target'>, missing?: string): T {
  if (result.ok) return result.value
  throw new CommandError(clientWords(result.error, session, missing), exitStatus.failed)
}

export function clientWords(error: ClientError, { name, target }: Pick<Session, 'name' | 'target'>, missing = 'the server knows nothing of the kind'): string {
  switch (error.kind) {
    case 'unreachable':
    case 'unexpected':
      return error.message
    case 'refused':
      return error.message
    case 'unauthorized':
      return `not logged in, or no longer; log in with: airside login -t ${name} -c ${target.api}`
    case 'forbidden':
      return error.message === '' ? `not allowed for this user in team ${target.team}` : `not allowed: ${error.message}`
    case 'not-found':
      return missing
  }
}
