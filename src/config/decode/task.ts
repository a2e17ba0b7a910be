import type { ImageResource, TaskConfig } from '../../model/config.ts'
import { parseDuration } from '../duration.ts'
import { list, mapOf, record, tags, texts } from './collections.ts'
import { containerLimits } from './limits.ts'
import { boolean, duration, freeMap, param, text, textOrNothing, type Reader } from './scalars.ts'

const imageResource = record<ImageResource>(
  'an image_resource',
  { name: text, type: text, source: freeMap, version: mapOf(textOrNothing), params: freeMap, tags },
  { type: () => '' },
  { defaults: { source: () => ({}) }, unknown: 'ignored' },
)

const ttl: Reader<string> = (context, place) => {
  const value = duration(context, place)
  const length = value === undefined ? undefined : parseDuration(value)
  if (length !== undefined && length >= 0 && length < 1000) context.report(place, 'invalid-value', 'the ttl of a cache is at least `1s`')
  return value
}

type Input = NonNullable<TaskConfig['inputs']>[number]
type Output = NonNullable<TaskConfig['outputs']>[number]
type Cache = NonNullable<TaskConfig['caches']>[number]

const shape = record<TaskConfig>('a task config', {
  platform: text,
  rootfs_uri: text,
  image_resource: imageResource,
  container_limits: containerLimits,
  params: mapOf(param),
  run: record<NonNullable<TaskConfig['run']>>('run', { path: text, args: texts, dir: text, user: text }, {}, { unknown: 'ignored' }),
  inputs: list(record<Input>('an input', { name: text, path: text, optional: boolean }, { name: () => '' }, { unknown: 'ignored' })),
  outputs: list(record<Output>('an output', { name: text, path: text }, { name: () => '' }, { unknown: 'ignored' })),
  caches: list(record<Cache>('a cache', { path: text, ttl }, { path: () => '' }, { unknown: 'ignored' })),
}, {}, { keyCase: 'exact' })

export const taskConfig: Reader<TaskConfig> = (context, place) => {
  const config = shape(context, place)
  if (config === undefined) return undefined
  if (config.platform === undefined || config.platform === '') {
    context.report(place, 'missing', 'a task config needs `platform`', { hint: 'for containers: `platform: linux`' })
  }
  for (const part of ['inputs', 'outputs'] as const) {
    const paths = new Map<string, string>()
    for (const item of config[part] ?? []) {
      const path = normal(item.path ?? item.name)
      const other = paths.get(path)
      const at = context.placeOf(item)
      if (other !== undefined && path !== '') {
        context.report(at, 'conflict', `two ${part} have the path \`${path}\`: ${other} and ${item.name}`, {
          severity: 'warning',
          hint: 'one of them hides the other; give one a `path` of its own',
        })
      }
      if (path === '..' || path.startsWith('../')) {
        context.report(context.placeOf(item, 'path') ?? at, 'invalid-value', `the path \`${path}\` leads out of the task's folder`, { severity: 'warning' })
      }
      paths.set(path, item.name)
    }
  }
  return config
}

/** `./a//b/` → `a/b`. */
function normal(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return parts.join('/') || (path === '' ? '' : '.')
}
