import { expect, test } from 'vitest'
import { apiWorld } from './testing/world.ts'
import { routes } from './routes.ts'

/** The least role of each route, as design tables have it: written by hand, so that a change of the table under test shows. */
const expected: Readonly<Record<string, 'public' | 'authenticated' | 'viewer' | 'pipeline-operator' | 'member'>> = {
  GetInfo: 'public', GetUser: 'authenticated', ListTeams: 'public', GetTeam: 'viewer',
  SaveConfig: 'member', GetConfig: 'viewer', ListAllPipelines: 'public', ListPipelines: 'public', GetPipeline: 'viewer',
  PausePipeline: 'pipeline-operator', UnpausePipeline: 'pipeline-operator', ExposePipeline: 'member', HidePipeline: 'member',
  ListJobs: 'viewer', GetJob: 'viewer', PauseJob: 'pipeline-operator', UnpauseJob: 'pipeline-operator', ListJobBuilds: 'viewer',
  CreateJobBuild: 'pipeline-operator', GetJobBuild: 'viewer', ListBuilds: 'public', ListTeamBuilds: 'viewer', ListPipelineBuilds: 'viewer',
  GetBuild: 'viewer', GetBuildPlan: 'viewer', GetBuildPreparation: 'viewer', BuildEvents: 'viewer', AbortBuild: 'pipeline-operator',
}
const callers = ['none', 'broken', 'stranger', 'viewer', 'pipeline-operator', 'member', 'admin'] as const
const order = ['viewer', 'pipeline-operator', 'member', 'admin'] as const

test.each(routes)('$name refuses those without its role, before it looks its pipeline up', async ({ name, method, path }) => {
  const { api, tokenOf, builds } = await apiWorld()
  builds.set(7, { id: 7, kind: 'job', name: '1', scope: { teamId: 1 }, team: 'main', status: 'started', createdAt: 0, abortRequested: false, pipelinePublic: false, jobPublic: false })
  const url = path.replace(':team_name', 'main').replace(':pipeline_name', 'private').replace(':job_name', 'j').replace(':build_id', '7').replace(':build_name', '1')
  const needed = expected[name]
  if (needed === undefined) throw new Error(`${name} has no row`)
  for (const caller of callers) {
    const authorization = caller === 'none' ? undefined : `Bearer ${caller === 'broken' ? 'as_x' : await tokenOf(caller)}`
    const { statusCode } = await api.app.inject({ method, url, ...(authorization !== undefined && { headers: { authorization, 'last-event-id': 'not a number' } }) })
    const refusal = caller === 'broken' || (caller === 'none' && needed !== 'public') ? 401 : undefined
    const known = order.find((one) => one === caller)
    const enough = needed === 'public' || needed === 'authenticated' || (known !== undefined && order.indexOf(known) >= order.indexOf(needed))
    const wanted = refusal ?? (enough ? undefined : 403)
    if (wanted !== undefined) expect(statusCode, `${name} as ${caller}`).toBe(wanted)
    else expect([401, 403], `${name} as ${caller}`).not.toContain(statusCode)
  }
})

test('whoever may not see a build is not told whether it exists', async () => {
  const { api, tokenOf, builds } = await apiWorld()
  builds.set(7, { id: 7, kind: 'job', name: '1', scope: { teamId: 1 }, team: 'main', status: 'started', createdAt: 0, abortRequested: false, pipelinePublic: false, jobPublic: false })
  const ask = async (id: string, authorization?: string) => (await api.app.inject({ method: 'GET', url: `/api/v1/builds/${id}`, ...(authorization !== undefined && { headers: { authorization } }) })).statusCode
  const stranger = `Bearer ${await tokenOf('stranger')}`
  expect([await ask('7'), await ask('8'), await ask('7', stranger), await ask('8', stranger)]).toEqual([401, 401, 403, 403])
  const admin = `Bearer ${await tokenOf('admin')}`
  expect([await ask('7', admin), await ask('8', admin), await ask('x', admin)]).toEqual([200, 404, 400])
})
