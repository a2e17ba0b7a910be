import type { BuildLogRetention, GroupConfig, JobConfig, PipelineConfig, VarSourceConfig } from '../../model/config.ts'
import { quote } from '../quote.ts'
import { list, readKeys, record, tags, texts, withKnownCase, type Shape } from './collections.ts'
import { child, type Context, type Place } from './context.ts'
import { prototype, resource, resourceType } from './resource.ts'
import { anything, boolean, integerFrom, limit, text, wrongType } from './scalars.ts'
import { step } from './step.ts'

/** Where Concourse decodes steps it takes text only, elsewhere numbers as well. */
const strictStep: typeof step = (context, place) => step(context.withCoercion('refuse'), place)

const job = record<JobConfig>(
  'a job',
  {
    name: text,
    old_name: text,
    public: boolean,
    disable_manual_trigger: boolean,
    disable_reruns: boolean,
    serial: boolean,
    interruptible: boolean,
    serial_groups: texts,
    max_in_flight: limit,
    build_logs_to_retain: integerFrom(0),
    build_log_retention: record<BuildLogRetention>('build_log_retention', {
      builds: integerFrom(0),
      minimum_succeeded_builds: integerFrom(0),
      days: integerFrom(0),
    }),
    tags,
    on_success: strictStep,
    on_failure: strictStep,
    on_abort: strictStep,
    on_error: strictStep,
    ensure: strictStep,
    plan: list(strictStep),
  },
  { name: () => '' },
  { defaults: { plan: () => [] } },
)

const topLevel: Shape<PipelineConfig> = {
  groups: list(record<GroupConfig>('a group', { name: text, jobs: texts, resources: texts }, { name: () => '' })),
  var_sources: list(record<VarSourceConfig>('a var source', { name: text, type: text, config: anything }, { name: () => '', type: () => '' })),
  resources: list(resource),
  resource_types: list(resourceType),
  prototypes: list(prototype),
  jobs: list(job),
  display: record<NonNullable<PipelineConfig['display']>>('display', { background_image: text, background_filter: text }),
  user_data: anything,
}

/** Decodes a whole pipeline. `anchors` are the offsets of the file's anchors. */
export function pipeline(context: Context, given: Place, anchors: readonly number[]): PipelineConfig | undefined {
  const place = withKnownCase(context, given, Object.keys(topLevel))
  if (place.node.kind !== 'map') {
    return wrongType(context, place, 'a pipeline, written as a map', 'at the top stand keys such as `resources:` and `jobs:`')
  }
  warnOfUnknown(context, place, anchors)
  const config = readKeys(context, place, topLevel)
  context.remember(config, place)
  return config as PipelineConfig
}

/** Concourse ignores unknown keys at the top, and people keep anchors there. One without anchors, or with a name like a section's, gets a warning. */
function warnOfUnknown(context: Context, place: Place, anchors: readonly number[]): void {
  if (place.node.kind !== 'map') return
  const known = Object.keys(topLevel)
  let next = 0 // keys and anchors both come in the order of the text, but for keys that were merged
  for (const [key, entry] of place.node.entries) {
    if (known.includes(key) || /^(?:x-|[._])/.test(key)) continue
    if ((anchors[next - 1] ?? -1) >= entry.keyStart) next = 0
    while ((anchors[next] ?? Infinity) < entry.keyStart) next++
    const holdsAnchor = (anchors[next] ?? Infinity) <= entry.node.end
    const near = context.nearMiss(key, known, 'a pipeline')
    if (holdsAnchor && (near === undefined || place.node.entries.has(near))) continue
    context.reportKey(child(place, key), 'unknown-key', `a pipeline has no section ${quote(key)}; it is ignored`, {
      severity: 'warning',
      hint: near === undefined ? 'start its name with `x-` if that is meant' : `did you mean \`${near}\`?`,
    })
  }
}
