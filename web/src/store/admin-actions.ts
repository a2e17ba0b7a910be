import type { Action } from './action.ts'
import { fly } from './fly.ts'

const nanosecondsInHour = 3.6e12

/** A message that everybody sees, for some hours or until it is taken away. */
export const setWall = (message: string, hours?: number): Action => ({
  label: 'Show it to everybody',
  route: 'SetWall',
  role: 'admin',
  method: 'PUT',
  path: '/api/v1/wall',
  body: { message, ...(hours !== undefined && { TTL: hours * nanosecondsInHour }) },
  fly: fly('set-wall', '-m', message, ...(hours === undefined ? [] : ['--ttl', `${hours}h`])),
  ...(message === '' && { impossible: 'Write a message first' }),
})

export const clearWall = (): Action => ({ label: 'Take it away', route: 'ClearWall', role: 'admin', method: 'DELETE', path: '/api/v1/wall', fly: fly('clear-wall') })
