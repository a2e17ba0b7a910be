import { expect, test } from 'vitest'
import { fakeTracing } from '../lib/testing/fake-tracing.ts'
import { useApi } from './testing/database-world.ts'

let tracing = fakeTracing()
const world = useApi(() => ({ tracing: (tracing = fakeTracing()) }))

test('requests are spans by the names of their routes, with what their path names and how they ended', async () => {
  const { api, call } = world()
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await call('GET', '/api/v1/teams/main/pipelines/p/jobs/j?token=secret', undefined, { headers: { traceparent, 'x-request-id': 'mine' } })
  expect(tracing.spans).toEqual([{
    name: 'GetJob', parent: traceparent, traceparent: expect.any(String) as string, ended: 1,
    attributes: { request_id: 'mine', team_name: 'main', pipeline: 'p', job: 'j', 'http.request.method': 'GET', 'http.route': '/api/v1/teams/:team_name/pipelines/:pipeline_name/jobs/:job_name', 'http.response.status_code': 404 },
  }])
  for (const url of ['/api/v1/made-up', '/sky/login', '/api/v1/builds/7/events']) await api.app.inject({ url })
  expect(tracing.spans).toHaveLength(1)
})
