import { pipelineText } from '../../../config/pipeline-text.ts'
import type { Command } from 'commander'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { jobRef, pipelineRef, teamFlag } from '../../remote/refs.ts'
import { orFail } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { statusPaint } from '../../remote/status-paint.ts'
import { watch } from '../../remote/watch.ts'
import { onOff, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

export function addJobCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['jobs', 'js'],
    summary: 'list the jobs of a pipeline, with their latest builds',
    examples: ['airside jobs -p demo'],
    flags: { pipeline: { short: 'p', type: pipelineRef, summary: 'the pipeline' }, team: teamFlag, ...jsonFlag },
    async run(session, { pipeline, team, json }) {
      if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
      const items = orFail(await session.api.jobs(session.pipeline(pipeline, team)), session, `there is no pipeline ${pipelineText(pipeline)}`)
      showList({
        json,
        items,
        head: ['job', 'paused', 'last', 'next'],
        row: (job) => [
          { text: job.name },
          { text: job.paused === true ? 'yes' : 'no' },
          { text: job.finished_build?.status ?? 'none', paint: statusPaint(job.finished_build?.status) },
          { text: job.next_build?.status ?? 'none', paint: statusPaint(job.next_build?.status) },
        ],
      })
    },
  })
  for (const what of ['pause', 'unpause'] as const) {
    addRemoteCommand(program, {
      names: [`${what}-job`, what === 'pause' ? 'pj' : 'uj'],
      summary: what === 'pause' ? 'start no more builds of a job' : 'let a paused job go on',
      examples: [`airside ${what}-job -j demo/unit`],
      flags: { job: { short: 'j', type: jobRef, summary: 'the job' }, team: teamFlag },
      async run(session, { job, team }) {
        if (job === undefined) throw new CommandError('which job? -j PIPELINE/JOB')
        orFail(await session.api.changeJob({ pipeline: session.pipeline(job, team), job: job.job }, what), session, `there is no job ${pipelineText(job)}/${job.job}`)
        terminal.line(`${what}d ${pipelineText(job)}/${job.job}`)
      },
    })
  }
  addRemoteCommand(program, {
    names: ['rerun-build', 'rb'],
    summary: 'run a build of a job again, with the same versions',
    examples: ['airside rerun-build -j demo/unit -b 7 --watch'],
    flags: {
      job: { short: 'j', type: jobRef, summary: 'the job' },
      build: { short: 'b', type: text('NAME'), summary: "the build's name" },
      watch: { short: 'w', type: onOff, summary: 'print the log of the build' },
      team: teamFlag,
    },
    async run(session, { job, build: name, team, watch: follow }) {
      if (job === undefined || name === undefined) throw new CommandError('which build? -j PIPELINE/JOB -b NAME')
      const build = orFail(await session.api.rerun({ pipeline: session.pipeline(job, team), job: job.job }, name), session, `there is no build ${name} of job ${pipelineText(job)}/${job.job}`)
      terminal.line(`started ${pipelineText(job)}/${job.job} #${build.name}`)
      return follow ? watch(session, build.id, `-j ${pipelineText(job)}/${job.job} -b ${build.name}`) : 0
    },
  })
  addRemoteCommand(program, {
    names: ['trigger-job', 'tj'],
    summary: 'start a build of a job',
    description: "Starts a build of a job. With --watch its log is printed; the exit status is then fly's: a task's own, else 1 failed, 2 errored, 3 aborted.",
    examples: ['airside trigger-job -j demo/unit --watch'],
    flags: { job: { short: 'j', type: jobRef, summary: 'the job' }, watch: { short: 'w', type: onOff, summary: 'print the log of the build' }, team: teamFlag },
    async run(session, { job, team, watch: follow }) {
      if (job === undefined) throw new CommandError('which job? -j PIPELINE/JOB')
      const build = orFail(await session.api.trigger({ pipeline: session.pipeline(job, team), job: job.job }), session, `there is no job ${pipelineText(job)}/${job.job}`)
      terminal.line(`started ${pipelineText(job)}/${job.job} #${build.name}`)
      return follow ? watch(session, build.id, `-j ${pipelineText(job)}/${job.job} -b ${build.name}`) : 0
    },
  })
}
