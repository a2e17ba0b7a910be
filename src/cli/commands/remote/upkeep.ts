import type { Command } from 'commander'
import type { Answer } from '../../../client/api-client.ts'
import { pipelineText } from '../../../config/pipeline-text.ts'
import { fail, ok } from '../../../model/result.ts'
import { parseDuration, durationHint } from '../../../lib/duration.ts'
import { CommandError } from '../../exit.ts'
import { answerTo } from '../../remote/ask.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { instanceVarsOf, jobRef, resourceRef, teamFlag, versionPair } from '../../remote/refs.ts'
import { orFail, type Session } from '../../remote/session.ts'
import { list, onOff, one, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const withoutAsking = { 'non-interactive': { short: 'n', type: onOff, summary: 'do it without asking' } } as const

async function agreed(question: string, nonInteractive: boolean): Promise<boolean> {
  if (nonInteractive || /^y(es)?$/i.test(await answerTo(`${question} [yN]:`))) return true
  terminal.line('nothing was done')
  return false
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'} removed`

/** What is done now and then: caches and versions are cleared, everybody is told something. */
export function addUpkeepCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['schedule-job', 'sj'],
    summary: 'have the scheduler look at a job again',
    examples: ['airside schedule-job -j demo/unit'],
    flags: { job: { short: 'j', type: jobRef, summary: 'the job' }, team: teamFlag },
    async run(session, { job, team }) {
      if (job === undefined) throw new CommandError('which job? -j PIPELINE/JOB')
      const name = `${pipelineText(job)}/${job.job}`
      orFail(await session.api.changeJob({ pipeline: session.pipeline(job, team), job: job.job }, 'schedule'), session, `there is no job ${name}`)
      terminal.line(`scheduled ${name}`)
    },
  })
  addRemoteCommand(program, {
    names: ['clear-task-cache', 'ctc'],
    summary: 'remove the caches of a task',
    examples: ['airside clear-task-cache -j demo/unit -s greet', 'airside clear-task-cache -j demo/unit -s greet -c node_modules'],
    flags: { job: { short: 'j', type: jobRef, summary: 'the job' }, step: { short: 's', type: text('STEP'), summary: 'the task' }, 'cache-path': { short: 'c', type: text('PATH'), summary: 'of this path only' }, ...withoutAsking, team: teamFlag },
    async run(session, { job, step, cachePath, nonInteractive, team }) {
      if (job === undefined || step === undefined) throw new CommandError('of which task? -j PIPELINE/JOB -s STEP')
      const name = `${pipelineText(job)}/${job.job}`
      if (!(await agreed(`remove the caches of task ${step} of ${name}?`, nonInteractive))) return
      const { caches_removed: removed } = orFail(await session.api.clearTaskCache({ pipeline: session.pipeline(job, team), job: job.job }, step, cachePath), session, `there is no job ${name}`)
      terminal.line(counted(removed, 'cache'))
    },
  })
  addRemoteCommand(program, {
    names: ['clear-resource-cache', 'crc'],
    summary: 'have versions of a resource fetched anew',
    examples: ['airside clear-resource-cache -r demo/repo', 'airside clear-resource-cache -r demo/repo -v ref:abc123'],
    flags: { resource: { short: 'r', type: resourceRef, summary: 'the resource' }, version: { short: 'v', type: versionPair, summary: 'of this version only' }, ...withoutAsking, team: teamFlag },
    async run(session, { resource, version, nonInteractive, team }) {
      if (resource === undefined) throw new CommandError('of which resource? -r PIPELINE/RESOURCE')
      const name = `${pipelineText(resource)}/${resource.resource}`
      if (!(await agreed(`remove the caches of ${name}?`, nonInteractive))) return
      const wanted = version.length === 0 ? undefined : Object.fromEntries(version)
      const { caches_removed: removed } = orFail(await session.api.clearResourceCache({ pipeline: session.pipeline(resource, team), resource: resource.resource }, wanted), session, `there is no resource ${name}`)
      terminal.line(counted(removed, 'cache'))
    },
  })
  addRemoteCommand(program, {
    names: ['clear-versions', 'cv'],
    summary: 'forget the versions of a resource or a resource type (for admins)',
    description: 'Forgets the versions of a resource or a resource type, also for all others with the same config; its next check finds the present one.',
    examples: ['airside clear-versions --resource demo/repo', 'airside clear-versions --resource-type demo/tool'],
    flags: { resource: { type: resourceRef, summary: 'the resource' }, 'resource-type': { type: resourceRef, summary: 'the resource type' }, ...withoutAsking, team: teamFlag },
    async run(session, { resource, resourceType, nonInteractive, team }) {
      const written = resource ?? resourceType
      if (written === undefined || (resource !== undefined && resourceType !== undefined)) throw new CommandError('of what? --resource PIPELINE/RESOURCE, or --resource-type PIPELINE/TYPE')
      const name = `${resource === undefined ? 'resource type' : 'resource'} ${pipelineText(written)}/${written.resource}`
      if (!(await agreed(`forget all versions of ${name}?`, nonInteractive))) return
      const { versions_removed: removed } = orFail(await session.api.clearVersions({ pipeline: session.pipeline(written, team), resource: written.resource }, resource === undefined ? 'resource-types' : 'resources'), session, `there is no ${name}`)
      terminal.line(counted(removed, 'version'))
    },
  })
  addRemoteCommand(program, {
    names: ['order-instanced-pipelines', 'oip'],
    summary: 'say in which order the instances of a pipeline are shown',
    examples: ['airside order-instanced-pipelines -g demo -p branch:main -p branch:next'],
    flags: { group: { short: 'g', type: text('PIPELINE'), summary: 'the pipeline that they are instances of' }, pipeline: { short: 'p', type: list('VAR:VALUE,…', instanceVarsOf), summary: 'an instance; given several times, in their order' }, team: teamFlag },
    async run(session, { group, pipeline, team = session.target.team }) {
      if (group === undefined || pipeline.length === 0) throw new CommandError('which instances? -g PIPELINE -p VAR:VALUE, several times')
      orFail(await session.api.orderInstances(team, group, pipeline), session, `there is no such instance of ${group} in team ${team}`)
      for (const instanceVars of pipeline) terminal.line(pipelineText({ name: group, instanceVars }))
    },
  })
  const wall = (names: readonly [string, string], summary: string, act: (session: Session) => Answer<void>): void =>
    addRemoteCommand(program, { names, summary, examples: [`airside ${names[0]}`], flags: {}, run: async (session) => orFail(await act(session), session) })
  addRemoteCommand(program, {
    names: ['set-wall', 'sw'],
    summary: 'show a message to everybody (for admins)',
    examples: ['airside set-wall -m "down at noon" --ttl 2h'],
    flags: { message: { short: 'm', type: text('TEXT'), summary: 'the message' }, ttl: { type: one('DURATION', (given) => { const ms = parseDuration(given); return ms === undefined || ms <= 0 ? fail(durationHint) : ok(ms) }), summary: 'how long it stands', otherwise: 'until it is taken away' } },
    async run(session, { message, ttl }) {
      if (message === undefined || message === '') throw new CommandError('which message? -m TEXT')
      orFail(await session.api.setWall(message, ttl), session)
      terminal.line('the message is shown')
    },
  })
  wall(['clear-wall', 'cw'], 'take the message to everybody away (for admins)', (session) => session.api.setWall('', undefined))
  wall(['get-wall', 'gw'], 'print the message to everybody', async (session) => {
    const found = await session.api.wall()
    if (!found.ok) return found
    if (found.value.message !== undefined) terminal.line(found.value.message)
    return ok(undefined)
  })
}
