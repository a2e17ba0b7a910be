import { changesSomething } from '../auth/browser/csrf.ts'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { TokenStore } from '../auth/ports.ts'
import { newToken, tokenHash } from '../auth/tokens.ts'
import type { Team } from '../model/team.ts'
import { createApi } from './api.ts'
import { empty } from './reply.ts'
import { routes } from './routes.ts'
import { useApi, type ApiWorld } from './testing/database-world.ts'

const world = useApi()
const callers = ['none', 'broken', 'expired', 'revoked', 'viewer', 'pipeline-operator', 'member', 'owner', 'stranger', 'admin'] as const
const targets = ['private', 'public', 'public-job', 'other', 'none'] as const
type Target = (typeof targets)[number]

/** Pipelines of each kind with a started build; where they are. */
async function populate({ options: { teams }, setPipeline, call, db, builds }: ApiWorld): Promise<Readonly<Record<Target, { team: string; pipeline: string; build: number }>>> {
  const only = (name: string) => ({ users: [`local:${name}`], groups: [] })
  await teams.put({ name: 'work', admin: false, auth: { owner: only('work-owner'), member: only('work-member'), 'pipeline-operator': only('work-pipeline-operator'), viewer: only('work-viewer') } }, 0)
  const make = async (team: string, pipeline: string, isPublic: boolean, jobPublic: boolean) => {
    await setPipeline(`jobs: [{name: j, public: ${jobPublic}, plan: [{task: t, config: {platform: linux, run: {path: "true"}}}]}]`, `/api/v1/teams/${team}/pipelines/${pipeline}`)
    if (isPublic) await call('PUT', `/api/v1/teams/${team}/pipelines/${pipeline}/expose`)
    const [row] = await db.query<{ team_id: number; pipeline_id: number; job_id: number }>(
      'select p.team_id, p.id as pipeline_id, jobs.id as job_id from pipelines p join jobs on jobs.pipeline_id = p.id join teams on teams.id = p.team_id where p.name = $1 and teams.name = $2',
      [pipeline, team],
    )
    if (row === undefined) throw new Error('the pipeline was not made')
    return { team, pipeline, build: await builds.createStarted({ kind: 'job', name: '1', scope: { teamId: row.team_id, pipelineId: row.pipeline_id, jobId: row.job_id } }, {}, 0) }
  }
  return {
    private: await make('work', 'private', false, true),
    public: await make('work', 'public', true, false),
    'public-job': await make('work', 'public-job', true, true),
    other: await make('other', 'private', false, true),
    none: { team: 'work', pipeline: 'nothing', build: 999_999 },
  }
}

/** Both are asked for each request; here they do not change. */
function remembering({ tokens, teams }: { readonly tokens: TokenStore; readonly teams: { list(): Promise<readonly Team[]> } }): { tokens: TokenStore; list: () => Promise<readonly Team[]> } {
  const known = new Map<string, ReturnType<TokenStore['find']>>()
  let listed: Promise<readonly Team[]> | undefined
  return {
    list: () => (listed ??= teams.list()),
    tokens: Object.assign(Object.create(tokens) as TokenStore, {
      find(hash: Uint8Array, now: number) {
        const key = Buffer.from(hash).toString('hex')
        const found = known.get(key) ?? tokens.find(hash, now)
        known.set(key, found)
        return found
      },
    }),
  }
}

async function golden(): Promise<ReadonlyMap<string, readonly string[]>> {
  const text = await readFile(join(import.meta.dirname, 'role-matrix.golden.txt'), 'utf8')
  return new Map(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(/ +/)).map(([name = '', ...columns]) => [name, columns]))
}

test('S1: every route lets in and refuses whom the matrix of roles says', async () => {
  const made = world()
  const places = await populate(made)
  const { clock, options } = made
  const { tokens, teams } = options
  const tokenOf = async (name: string, lifetime: number): Promise<string> => {
    const token = newToken()
    const { id } = await tokens.login({ connector: 'local', subject: name, name, groups: [] }, clock.now())
    await tokens.issue(id, { hash: tokenHash(token), kind: 'fly', expiresAt: clock.now() + lifetime }, clock.now())
    return token
  }
  const bearers = new Map<string, string>([['broken', 'as_x'], ['expired', await tokenOf('admin', 0)], ['revoked', await tokenOf('admin', 1_000_000)], ['stranger', await tokenOf('stranger', 1_000_000)], ['admin', await tokenOf('admin', 1_000_000)]])
  await tokens.revoke(tokenHash(bearers.get('revoked') ?? '') as Uint8Array)
  for (const role of ['viewer', 'pipeline-operator', 'member', 'owner']) bearers.set(role, await tokenOf(`work-${role}`, 1_000_000))
  // Whoever is let in changes nothing here: the answers of handlers are tested elsewhere.
  const cached = remembering({ tokens, teams })
  const { onAnswer: _, ...ports } = options
  const api = await createApi({ ...ports, tokens: cached.tokens, teams: Object.assign(Object.create(teams) as typeof teams, { list: cached.list }), routes: routes.map((route) => ({ ...route, handler: () => Promise.resolve(empty(204)) })) })
  const wanted = await golden()
  const wrong: string[] = []
  for (const { name, method, path } of routes) {
    const columns = wanted.get(name)
    if (columns === undefined) throw new Error(`${name} has no row in role-matrix.golden.txt`)
    for (const [column, target] of targets.entries()) {
      const { team, pipeline, build } = places[target]
      const url = path.replace(':team_name', team).replace(':pipeline_name', pipeline).replace(':job_name', 'j').replace(':build_id', String(build)).replaceAll(/:\w+/g, '1')
      let seen = ''
      for (const caller of callers) {
        const bearer = bearers.get(caller)
        const { statusCode } = await api.app.inject({ method, url, ...(bearer !== undefined && { headers: { authorization: `Bearer ${bearer}` } }) })
        if (statusCode >= 500) throw new Error(`${name} answers ${statusCode} to ${caller}`)
        seen += statusCode === 401 ? '1' : statusCode === 403 ? '3' : '.'
      }
      if (seen !== columns[column]) wrong.push(`${name} ${target}: ${seen}, not ${columns[column]}`)
    }
  }
  await api.close()
  expect(wrong).toEqual([])
})

test('S4: a cookie without the token against forgery changes nothing by any route, not as an admin either', async () => {
  const { options, tokenOf } = world()
  const cookie = `skymarshal_auth="bearer ${await tokenOf('admin')}"`
  const reached: string[] = []
  const { onAnswer: _, ...ports } = options
  const api = await createApi({ ...ports, routes: routes.map((route) => ({ ...route, needs: [], handler: () => Promise.resolve(void reached.push(route.name)).then(() => empty(204)) })) })
  const changing = routes.filter(({ method }) => changesSomething(method))
  for (const { method, path } of changing) {
    const { statusCode, headers } = await api.app.inject({ method, url: path.replace(':team_name', 'main').replaceAll(/:\w+/g, '1'), headers: { cookie } })
    // Nor does it log out whose cookie it is.
    expect([method, path, statusCode, headers['set-cookie']]).toEqual([method, path, 401, undefined])
  }
  const { statusCode } = await api.app.inject({ method: 'GET', url: '/api/v1/user', headers: { cookie } })
  await api.close()
  expect([changing.length > 40, reached, statusCode]).toEqual([true, ['GetUser'], 204])
})

test('O8: whoever may not see a build is not told whether it exists', async () => {
  const { call, ...made } = world()
  const { private: place } = await populate({ call, ...made })
  const ask = async (id: number | string, as: 'nobody' | 'stranger' | 'admin') => (await call('GET', `/api/v1/builds/${id}`, undefined, { as })).statusCode
  expect([await ask(place.build, 'nobody'), await ask(999, 'nobody'), await ask(place.build, 'stranger'), await ask(999, 'stranger')]).toEqual([401, 401, 403, 403])
  expect([await ask(place.build, 'admin'), await ask(999, 'admin'), await ask('x', 'admin')]).toEqual([200, 404, 400])
})
