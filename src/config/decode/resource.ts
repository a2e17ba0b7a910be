import type { ResourceConfig, ResourceTypeConfig } from '../../model/config.ts'
import { mapOf, record, tags } from './collections.ts'
import { boolean, duration, freeMap, lateDuration, text, textOrNothing, wrongType, type Reader } from './scalars.ts'

const checkEvery: Reader<string> = (context, place) => {
  const { node } = place
  if (node.kind === 'scalar' && node.value === 'never') return 'never'
  if (node.kind === 'scalar' && typeof node.value !== 'string') return wrongType(context, place, 'a duration or `never`, as text', 'e.g. `check_every: 10m`')
  return duration(context, place)
}

// No source is an empty one (`time`), and no mistake.
const noSource = { defaults: { source: () => ({}) } }

export const resource = record<ResourceConfig>(
  'a resource',
  {
    name: text,
    old_name: text,
    public: boolean,
    webhook_token: text,
    type: text,
    source: freeMap,
    check_every: checkEvery,
    check_timeout: lateDuration,
    tags,
    version: mapOf(textOrNothing),
    icon: text,
    expose_build_created_by: boolean,
  },
  { name: () => '', type: () => '' },
  noSource,
)

const typeOf = (what: string): Reader<ResourceTypeConfig> =>
  record<ResourceTypeConfig>(
    what,
    { name: text, type: text, source: freeMap, defaults: freeMap, privileged: boolean, check_every: checkEvery, tags, params: freeMap },
    { name: () => '', type: () => '' },
    noSource,
  )

export const resourceType = typeOf('a resource type')
export const prototype = typeOf('a prototype')
