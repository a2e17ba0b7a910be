import type { Action } from './action.ts'
import { fly } from './fly.ts'

export const teamPath = (team: string, ...below: readonly string[]): string => `/api/v1/teams/${[team, ...below].map(encodeURIComponent).join('/')}`

/** In the new order; pipelines that are not named come after them as before. */
export const orderPipelines = (team: string, names: readonly string[]): Action => ({
  label: 'Save the order',
  team,
  route: 'OrderPipelines',
  role: 'member',
  method: 'PUT',
  path: teamPath(team, 'pipelines', 'ordering'),
  body: names,
  fly: fly('order-pipelines', '--team', team, ...names.flatMap((name) => ['-p', name])),
})

/** Instances of pipelines with one name; `{}`: the pipeline of the name that is no instance. */
export const orderInstances = ({ team, pipeline }: { readonly team: string; readonly pipeline: string }, vars: readonly object[]): Action => ({
  label: 'Save the order',
  team,
  route: 'OrderPipelinesWithinGroup',
  role: 'member',
  method: 'PUT',
  path: teamPath(team, 'pipelines', pipeline, 'ordering'),
  body: vars,
  fly: fly('order-instanced-pipelines', '--team', team, '-g', pipeline, ...vars.flatMap((one) => ['-p', JSON.stringify(one)])),
})
