import type { Command } from 'commander'
import { pipelineText } from '../../../config/pipeline-text.ts'
import { visible } from '../../../lib/visible.ts'
import type { Json, JsonObject } from '../../../model/json.ts'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { pipelineRef, teamFlag } from '../../remote/refs.ts'
import { orFail } from '../../remote/session.ts'
import { terminal } from '../../terminal.ts'

export function addChecklistCommand(program: Command): void {
  addRemoteCommand(program, {
    names: ['checklist', 'cl'],
    summary: 'print the jobs of a pipeline as a Checkfile',
    description: 'Prints a Checkfile (github.com/vito/checklist) with a line for each job of a pipeline, by groups, as `fly checklist` does.',
    examples: ['airside checklist -p demo > Checkfile'],
    flags: { pipeline: { short: 'p', type: pipelineRef, summary: 'the pipeline' }, team: teamFlag },
    async run(session, { pipeline, team }) {
      if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
      const ref = session.pipeline(pipeline, team)
      const name = pipelineText(pipeline)
      const { config } = orFail(await session.api.config(ref), session, `there is no pipeline ${name}`)
      for (const { group, jobs } of groupsOf(config, name)) {
        terminal.line(visible(`#- ${group}`))
        for (const job of jobs) terminal.line(visible(`${job}: concourse.check ${session.target.api} ${ref.team} ${name} ${job}`))
        terminal.line('')
      }
    },
  })
}

/** As they are written, patterns too; a config without groups is one group. A job that is in none of them is an error at set-pipeline. */
function groupsOf(config: JsonObject, pipeline: string): readonly { readonly group: string; readonly jobs: readonly string[] }[] {
  const groups = objects(config['groups']).map((group) => ({ group: String(group['name']), jobs: texts(group['jobs']) }))
  return groups.length > 0 ? groups : [{ group: pipeline, jobs: objects(config['jobs']).map(({ name }) => String(name)).toSorted() }]
}

const objects = (json: Json | undefined): readonly JsonObject[] => (Array.isArray(json) ? json.filter((item): item is JsonObject => typeof item === 'object' && item !== null && !Array.isArray(item)) : [])
const texts = (json: Json | undefined): readonly string[] => (Array.isArray(json) ? json.filter((item) => typeof item === 'string') : [])
