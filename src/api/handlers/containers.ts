import { canonicalJson } from '../../lib/canonical-json.ts'
import { instanceVars } from '../instance-vars.ts'
import type { Holder } from '../../model/holder.ts'
import { checksHere, type ShownContainer } from '../intercept/check-containers.ts'
import { fromOwnPage } from '../intercept/page-token.ts'
import { join, openPeer, peerHeader } from '../intercept/peer.ts'
import { checksOfPeers } from '../intercept/peer-checks.ts'
import { hijackSession } from '../intercept/session.ts'
import { presentContainer, type ListedContainer } from '../present/containers.ts'
import { jsonOf, notFound, text } from '../reply.ts'
import type { ApiRequest, ApiServices, Handler } from '../request.ts'
import { containerSchema } from '../schemas.ts'
import { teamNamed } from './teams.ts'

const types = ['check', 'get', 'put', 'task', 'run']
const ids = ['pipeline_id', 'job_id', 'build_id'] as const

/** Of the team's builds, those that can be entered; each part of the query must be met. */
export const listContainers: Handler = async (services, { params, query, path, headers }) => {
  const type = query.get('type') ?? ''
  if (type !== '' && !types.includes(type)) return text(400, `unrecognized containerType: ${type.slice(0, 100)}`)
  const number = ids.find((name) => !/^\d{0,15}$/.test(query.get(name) ?? ''))
  if (number !== undefined) return text(400, `non-numeric '${number}' param (${(query.get(number) ?? '').slice(0, 100)})`)
  const vars = instanceVars(query)
  if (!vars.ok) return text(400, vars.error)
  const wanted = type === 'check' ? ['pipeline_name', 'resource_name', 'type'] : ['pipeline_name', 'job_name', 'build_name', 'step_name', 'type', 'attempt', 'resource_name', ...ids]
  const team = await teamNamed(services, params['team_name'])
  if (team === undefined) return notFound
  const steps = (await ofTeam(services, params)).map((one) => presentContainer(one, services.worker.name))
  const checks = type === '' || type === 'check' ? [...(await checksHere(services, team)), ...(await checksOfPeers(services, `${path}?${String(query)}`, headers)).map(({ container }) => container)] : []
  const matching = [...steps, ...checks].filter((container) => {
    const fields: Readonly<Record<string, unknown>> = container
    const sameInstance = vars.value === undefined || canonicalJson(container.pipeline_instance_vars as never ?? null) === canonicalJson(vars.value)
    return sameInstance && wanted.every((name) => (query.get(name) ?? '') === '' || String(fields[name] ?? '') === query.get(name))
  })
  // One that several resources share matches for each of them.
  const first = new Map<string, ShownContainer>()
  for (const container of matching) if (!first.has(container.id)) first.set(container.id, container)
  return jsonOf(containerSchema.array(), [...first.values()])
}

export const getContainer: Handler = async (services, request) => {
  const found = await containerOf(services, request)
  return found === undefined ? notFound : jsonOf(containerSchema, found.container)
}

/** Of a command, in the audit. */
const longestCommand = 100
const longestWord = 1_000

/** Sessions at once, of all people. */
const mostSessions = 100
const open = new WeakMap<object, number>()
export const openSessions = (gateway: object): number => open.get(gateway) ?? 0

export const hijackContainer: Handler = async (services, request) => {
  const { principal, path, headers, record, csrfToken } = request
  if (!fromOwnPage(headers, csrfToken)) return text(403, 'a page opens a terminal with the subprotocols airside.hijack.1 and airside.csrf.TOKEN, the header X-Csrf-Token of GET /api/v1/user')
  const found = await containerOf(services, request)
  if (found === undefined) return notFound
  const admin = principal.kind === 'user' && principal.admin
  if (found.container.type === 'check' && !admin) return text(403, 'containers of checks are for admins')
  const sessions = openSessions(services.containers)
  if (sessions >= mostSessions) return text(503, `${mostSessions} intercepts are open; try again when one has ended`)
  const { clock } = services
  const holder = await found.holder()
  if (holder.kind === 'nobody' || (holder.kind === 'peer' && headers[peerHeader] !== undefined)) return text(503, 'no server is connected to the container at the moment; try again')
  if (holder.kind === 'peer') {
    const peer = await openPeer(holder.url, path, headers)
    return peer.ok ? { kind: 'upgrade', accept: (socket) => join(socket, peer.value) } : peer.error
  }
  return {
    kind: 'upgrade',
    async accept(socket) {
      open.set(services.containers, openSessions(services.containers) + 1)
      try {
        await hijackSession(socket, {
          gateway: services.containers, handle: found.container.id, clock,
          onStart: (command) => void record({ command: command.slice(0, longestCommand).map((word) => word.slice(0, longestWord)) }),
          onEnd: (frames) => void record({ end: frames.find((frame) => 'exit_status' in frame || 'error' in frame) ?? {} }),
        })
      } finally {
        open.set(services.containers, openSessions(services.containers) - 1)
      }
    },
  }
}

interface FoundContainer {
  readonly container: ShownContainer
  /** Which server is connected to it. */
  readonly holder: () => Promise<Holder>
}

async function containerOf(services: ApiServices, { params, path, headers }: ApiRequest): Promise<FoundContainer | undefined> {
  const { id, team_name: name } = params
  const team = await teamNamed(services, name)
  if (team === undefined) return undefined
  const check = (await checksHere(services, team)).find((container) => container.id === id)
  const step = (await ofTeam(services, params)).find(({ container }) => container.handle === id)
  const here = (): Promise<Holder> => Promise.resolve({ kind: 'here' })
  if (step !== undefined) return { container: presentContainer(step, services.worker.name), holder: check === undefined ? () => services.holderOf(step.build.id) : here }
  if (check !== undefined) return { container: check, holder: here }
  const list = `${path.slice(0, path.indexOf('/containers/'))}/containers?type=check`
  const there = (await checksOfPeers(services, list, headers)).find(({ container }) => container.id === id)
  return there && { container: there.container, holder: () => Promise.resolve({ kind: 'peer', id: there.url, url: there.url }) }
}

async function ofTeam({ containers, lists }: ApiServices, params: Readonly<Record<string, string>>): Promise<ListedContainer[]> {
  const targets = (await containers.find()).targets.filter(({ state }) => state !== 'ended')
  const builds = new Map((await lists.byIds([...new Set(targets.map(({ buildId }) => buildId))])).map((build) => [build.id, build]))
  return targets.flatMap((container) => {
    const build = builds.get(container.buildId)
    return build !== undefined && build.team === params['team_name'] ? [{ container, build }] : []
  })
}
