import type { ListedBuild } from '../../model/listed-build.ts'
import { presentFoundBuild, presentName, presentVersion, type Found } from '../present/found.ts'
import { jsonOf, text } from '../reply.ts'
import type { ApiServices, Handler } from '../request.ts'
import { visibleTeams } from '../visible.ts'
import { foundSchema } from '../web-schemas.ts'

const mostFound = 30
const longestText = 200
/** Of a commit or digest that people type; fewer would begin too many. */
const shortestBeginning = 6
/** Jobs whose builds are looked through for a number. */
const mostJobs = 10

/** What the caller may see by a name, by a build's id or number, or by the beginning of a version. */
export const search: Handler = async (services, { principal, query }) => {
  const asked = (query.get('q') ?? '').trim()
  const limit = query.get('limit') ?? String(mostFound)
  if (asked === '' || asked.length > longestText || asked.includes('\0')) return text(400, `q says what to look for, in 1 to ${longestText} characters`)
  if (!/^\d{1,2}$/.test(limit) || Number(limit) < 1 || Number(limit) > mostFound) return text(400, `limit must be a number from 1 to ${mostFound}`)
  const teams = visibleTeams(principal)
  const [named, names, versions, builds] = await Promise.all([
    buildsNamed(services, teams, asked),
    services.search.names(teams, { text: asked, kinds: ['pipeline', 'job', 'resource'], limit: Number(limit) }),
    asked.length < shortestBeginning ? [] : services.search.versions(teams, asked, Number(limit)),
    asked.length < shortestBeginning ? [] : services.search.buildsWith(teams, asked, Number(limit)).then((ids) => services.lists.byIds(ids)),
  ])
  const found: readonly Found[] = [
    ...named.map(presentFoundBuild),
    ...names.filter(({ close }) => close).map(presentName),
    ...versions.map(presentVersion),
    ...builds.toSorted((a, b) => b.id - a.id).map(presentFoundBuild),
    ...names.filter(({ close }) => !close).map(presentName),
  ]
  const byUrl = new Map(found.toReversed().map((one) => [one.url, one]))
  return jsonOf(foundSchema.array(), [...byUrl.values()].toReversed().slice(0, Number(limit)))
}

/** `318` or `#318` is an id, `unit #318` a build of a job. */
async function buildsNamed({ lists, search: names }: Pick<ApiServices, 'lists' | 'search'>, teams: readonly string[] | undefined, asked: string): Promise<readonly ListedBuild[]> {
  const id = /^#?(\d{1,15})$/.exec(asked)?.[1]
  if (id !== undefined) {
    const build = await lists.get(Number(id))
    return build !== undefined && mayBeSeen(build, teams) ? [build] : []
  }
  const [, job = '', name = ''] = /^(.*\S)\s*#(\d{1,15}(?:\.\d{1,9})?)$/.exec(asked) ?? []
  if (job === '') return []
  const jobs = await names.names(teams, { text: job, kinds: ['job'], limit: mostJobs })
  const builds = await Promise.all(jobs.map((found) => lists.ofJob(found.id, name)))
  return builds.filter((build) => build !== undefined)
}

const mayBeSeen = ({ team, pipelinePublic }: ListedBuild, teams: readonly string[] | undefined): boolean => teams === undefined || teams.includes(team) || pipelinePublic
