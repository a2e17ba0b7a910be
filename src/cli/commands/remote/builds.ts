import { pipelineText } from '../../../config/pipeline-text.ts'
import type { Command } from 'commander'
import { buildsOf, type Build } from '../../../client/api-client.ts'
import { ok } from '../../../model/result.ts'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { jobRef, pipelineRef, teamFlag, type WrittenJob } from '../../remote/refs.ts'
import { orFail, type Session } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { statusPaint } from '../../remote/status-paint.ts'
import { watch } from '../../remote/watch.ts'
import { integer, onOff, one } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const buildFlags = {
  job: { short: 'j', type: jobRef, summary: 'a build of this job' },
  build: { short: 'b', type: one('BUILD', (text) => ok(text)), summary: "the build's name with --job, else its id" },
  team: teamFlag,
} as const

export function addBuildCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['builds', 'bs'],
    summary: 'list builds, newest first',
    examples: ['airside builds', 'airside builds -j demo/unit --count 5'],
    flags: {
      job: { short: 'j', type: jobRef, summary: 'of this job' },
      pipeline: { short: 'p', type: pipelineRef, summary: 'of this pipeline' },
      all: { short: 'a', type: onOff, summary: 'of all teams that you may see' },
      count: { short: 'c', type: integer('N', 1, 10_000), default: '50', summary: 'how many' },
      team: teamFlag,
      ...jsonFlag,
    },
    async run(session, { job, pipeline, all, count, team, json }) {
      const of = job
        ? { job: { pipeline: session.pipeline(job, team), job: job.job } }
        : pipeline
          ? { pipeline: session.pipeline(pipeline, team) }
          : all
            ? {}
            : { team: team ?? session.target.team }
      const items = orFail(await session.api.builds(buildsOf(of), count), session, 'team' in of ? `there is no team ${of.team}` : undefined)
      showList({
        json,
        items,
        head: ['id', 'name', 'status', 'start', 'duration', 'created by'],
        row: (build) => [
          { text: String(build.id) },
          { text: nameOf(build) },
          { text: build.status, paint: statusPaint(build.status) },
          { text: build.start_time === undefined ? 'n/a' : new Date(build.start_time * 1000).toISOString() },
          { text: durationOf(build) },
          { text: build.created_by ?? '' },
        ],
      })
    },
  })
  addRemoteCommand(program, {
    names: ['watch', 'w'],
    summary: 'print the log of a build, and follow it to its end',
    description: "Prints a build's log from its beginning and follows it: the job's latest build unless --build names another. The exit status is fly's: a task's own, else 1 failed, 2 errored, 3 aborted.",
    examples: ['airside watch -j demo/unit', 'airside watch -j demo/unit -b 7', 'airside watch -b 1234'],
    flags: buildFlags,
    async run(session, { job, build, team }) {
      const found = await findBuild(session, job, build, team)
      if (found.reap_time !== undefined) terminal.say(`the log of this build was removed on ${new Date(found.reap_time * 1000).toISOString()}, as its job or the server keeps no more`)
      return watch(session, found.id, job ? `-j ${pipelineText(job)}/${job.job} -b ${found.name}` : `-b ${found.id}`)
    },
  })
  addRemoteCommand(program, {
    names: ['abort-build', 'ab'],
    summary: 'end a build that runs or waits',
    examples: ['airside abort-build -j demo/unit -b 7'],
    flags: buildFlags,
    async run(session, { job, build, team }) {
      if (build === undefined) throw new CommandError('which build? -j PIPELINE/JOB -b NAME, or -b ID')
      const found = await findBuild(session, job, build, team)
      orFail(await session.api.abort(found.id), session)
      terminal.line(`aborting ${nameOf(found)}`)
    },
  })
}

const nameOf = (build: Build): string => [build.pipeline_name, build.job_name, build.name].filter((part) => part !== undefined).join('/')

function durationOf({ start_time: start, end_time: end }: Build): string {
  if (start === undefined) return 'n/a'
  const seconds = (end ?? Math.floor(Date.now() / 1000)) - start
  const text = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part, at) => (part > 0 || at === 2 ? `${part}${'hms'[at]}` : '')).join('')
  return end === undefined ? `${text}+` : text
}

async function findBuild(session: Session, job: WrittenJob | undefined, build: string | undefined, team: string | undefined): Promise<Build> {
  if (job === undefined) {
    const id = Number(build)
    if (build !== undefined && /^\d{1,15}$/.test(build)) return orFail(await session.api.build(id), session, `there is no build ${build}`)
    throw new CommandError(build === undefined ? 'which build? -j PIPELINE/JOB, with -b NAME for another than its latest, or -b ID' : `--build: "${build}" is no id; a build's name needs its job: -j PIPELINE/JOB -b ${build}`)
  }
  const ref = { pipeline: session.pipeline(job, team), job: job.job }
  const words = `there is no job ${pipelineText(job)}/${job.job}`
  if (build !== undefined) return orFail(await session.api.jobBuild(ref, build), session, `there is no build ${build} of job ${pipelineText(job)}/${job.job}`)
  const { next_build: next, finished_build: finished } = orFail(await session.api.job(ref), session, words)
  const latest = next ?? finished
  if (latest === null) throw new CommandError(`job ${pipelineText(job)}/${job.job} has no build yet; start one: airside trigger-job -j ${pipelineText(job)}/${job.job}`, 1)
  return latest
}
