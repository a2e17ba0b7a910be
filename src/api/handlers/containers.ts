import { canonicalJson } from '../../lib/canonical-json.ts'
import { instanceVars } from '../instance-vars.ts'
import { fromOwnPage } from '../intercept/page-token.ts'
import { join, openPeer, peerHeader } from '../intercept/peer.ts'
import { hijackSession } from '../intercept/session.ts'
import { presentContainer, type ListedContainer } from '../present/containers.ts'
import { jsonOf, notFound, text } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { containerSchema } from '../schemas.ts'
import { teamNamed } from './teams.ts'

const types = ['check', 'get', 'put', 'task', 'run']
const ids = ['pipeline_id', 'job_id', 'build_id'] as const

/** Of the team's builds, those that can be entered; each part of the query must be met. */
export const listContainers: Handler = async (services, { params, query }) => {
  const type = query.get('type') ?? ''
  if (type !== '' && !types.includes(type)) return text(400, `unrecognized containerType: ${type.slice(0, 100)}`)
  const number = ids.find((name) => !/^\d{0,15}$/.test(query.get(name) ?? ''))
  if (number !== undefined) return text(400, `non-numeric '${number}' param (${(query.get(number) ?? '').slice(0, 100)})`)
  const vars = instanceVars(query)
  if (!vars.ok) return text(400, vars.error)
  const wanted = type === 'check' ? ['pipeline_name', 'resource_name', 'type'] : ['pipeline_name', 'job_name', 'build_name', 'step_name', 'type', 'attempt', 'resource_name', ...ids]
  if ((await teamNamed(services, params['team_name'])) === undefined) return notFound
  const found = (await ofTeam(services, params)).map((one) => presentContainer(one, services.worker.name))
  const matching = found.filter((container) => {
    const fields: Readonly<Record<string, unknown>> = container
    const sameInstance = vars.value === undefined || canonicalJson(container.pipeline_instance_vars as never ?? null) === canonicalJson(vars.value)
    return sameInstance && wanted.every((name) => (query.get(name) ?? '') === '' || String(fields[name] ?? '') === query.get(name))
  })
  return jsonOf(containerSchema.array(), matching)
}

export const getContainer: Handler = async (services, { params }) => {
  const found = await containerOf(services, params)
  return found === undefined ? notFound : jsonOf(containerSchema, presentContainer(found, services.worker.name))
}

/** Of a command, in the audit. */
const longestCommand = 100
const longestWord = 1_000

/** Sessions at once, of all people. */
const mostSessions = 100
const open = new WeakMap<object, number>()
export const openSessions = (gateway: object): number => open.get(gateway) ?? 0

export const hijackContainer: Handler = async (services, { principal, params, path, headers, record, csrfToken }) => {
  if (!fromOwnPage(headers, csrfToken)) return text(403, 'a page opens a terminal with the subprotocols airside.hijack.1 and airside.csrf.TOKEN, the header X-Csrf-Token of GET /api/v1/user')
  const found = await containerOf(services, params)
  if (found === undefined) return notFound
  const admin = principal.kind === 'user' && principal.admin
  if (found.container.type === 'check' && !admin) return text(403, 'containers of checks are shared by teams: they are for admins')
  const sessions = openSessions(services.containers)
  if (sessions >= mostSessions) return text(503, `${mostSessions} intercepts are open; try again when one has ended`)
  const { clock } = services
  const holder = await services.holderOf(found.build.id)
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
          gateway: services.containers, handle: found.container.handle, clock,
          onStart: (command) => void record({ command: command.slice(0, longestCommand).map((word) => word.slice(0, longestWord)) }),
          onEnd: (frames) => void record({ end: frames.find((frame) => 'exit_status' in frame || 'error' in frame) ?? {} }),
        })
      } finally {
        open.set(services.containers, openSessions(services.containers) - 1)
      }
    },
  }
}

async function containerOf(services: ApiServices, params: Readonly<Record<string, string>>): Promise<ListedContainer | undefined> {
  return (await ofTeam(services, params)).find(({ container }) => container.handle === params['id'])
}

async function ofTeam({ containers, lists }: ApiServices, params: Readonly<Record<string, string>>): Promise<ListedContainer[]> {
  const targets = (await containers.find()).targets.filter(({ state }) => state !== 'ended')
  const builds = new Map((await lists.byIds([...new Set(targets.map(({ buildId }) => buildId))])).map((build) => [build.id, build]))
  return targets.flatMap((container) => {
    const build = builds.get(container.buildId)
    return build !== undefined && build.team === params['team_name'] ? [{ container, build }] : []
  })
}
