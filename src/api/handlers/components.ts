import { componentNames, components as known, isComponent } from '../../model/component.ts'
import { empty, jsonOf, text } from '../reply.ts'
import type { Handler } from '../request.ts'
import { componentSchema } from '../schemas.ts'

const nanosecondsPerMs = 1e6
/** Go's zero time: it has not run yet on this server. */
const never = '0001-01-01T00:00:00Z'

export const getComponents: Handler = ({ components }) =>
  Promise.resolve(
    jsonOf(
      componentSchema.array(),
      components.list().map(({ name, paused, lastRanAt }) => ({
        name,
        interval: (known[name].everyMs ?? 0) * nanosecondsPerMs,
        last_ran: lastRanAt === undefined ? never : new Date(lastRanAt).toISOString(),
        paused,
      })),
    ),
  )

export const pauseAllComponents: Handler = async ({ components }) => {
  await components.pause(componentNames)
  return empty(200)
}

export const unpauseAllComponents: Handler = async ({ components }) => {
  await components.unpause(componentNames)
  return empty(200)
}

const change = (what: 'pause' | 'unpause'): Handler => async ({ components }, { params }) => {
  const name = params['component_name'] ?? ''
  if (!isComponent(name)) return text(404, `there is no component of this name; there are ${componentNames.join(', ')}`)
  await components[what]([name])
  return empty(200)
}

export const pauseComponent = change('pause')
export const unpauseComponent = change('unpause')
