import type { Json, JsonObject } from '../../../../src/model/json.ts'
import type { PipelineId } from '../../routes/route.ts'
import { apiPath } from '../../store/paths.ts'
import { useAnswer } from '../../store/use-answer.ts'

/** What the config says of how many builds run at once. Strangers may not read the config: they see nothing here. */
export function JobLimits({ id, job }: { readonly id: PipelineId; readonly job: string }): preact.JSX.Element | null {
  const answer = useAnswer<{ readonly config: JsonObject }>(apiPath(id, ['config']))
  if (answer.kind !== 'ready') return null
  const jobs = objectsOf(answer.value.config['jobs'])
  const mine = jobs.find(({ name }) => name === job)
  if (mine === undefined) return null
  const groups = stringsOf(mine['serial_groups'])
  const shared = groups.map((group) => ({ group, others: jobs.filter((one) => one['name'] !== job && stringsOf(one['serial_groups']).includes(group)).map(({ name }) => String(name)) }))
  return (
    <>
      {groups.length === 0 && mine['serial'] === true && <p class="dim">One build at a time (serial).</p>}
      {groups.length === 0 && mine['serial'] !== true && typeof mine['max_in_flight'] === 'number' && <p class="dim">At most {mine['max_in_flight']} builds at a time (max_in_flight).</p>}
      {shared.map(({ group, others }) => (
        <p key={group} class="dim">
          One build at a time of serial group {group}
          {others.length > 0 && `, with ${others.join(', ')}`}.
        </p>
      ))}
    </>
  )
}

const objectsOf = (value: Json | undefined): readonly JsonObject[] => (Array.isArray(value) ? value.filter((one): one is JsonObject => typeof one === 'object' && one !== null && !Array.isArray(one)) : [])
const stringsOf = (value: Json | undefined): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [])
