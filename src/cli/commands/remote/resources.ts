import { pipelineText } from '../../../config/pipeline-text.ts'
import type { Command } from 'commander'
import { canonicalJson } from '../../../lib/canonical-json.ts'
import { CommandError } from '../../exit.ts'
import { addRemoteCommand } from '../../remote/command.ts'
import { pipelineRef, resourceRef, teamFlag, versionPair, type WrittenPipeline } from '../../remote/refs.ts'
import { orFail, type Session } from '../../remote/session.ts'
import { jsonFlag, showList } from '../../remote/show-json.ts'
import { watch } from '../../remote/watch.ts'
import { integer, text } from '../../settings/types.ts'
import { terminal } from '../../terminal.ts'

const resourceFlag = { short: 'r', type: resourceRef, summary: 'the resource' } as const
const versionFlags = { resource: resourceFlag, version: { short: 'v', type: versionPair, summary: 'the version, or a part of it that no other has' }, team: teamFlag } as const
/** Versions that are looked through for one that was named. */
const mostVersions = 10_000

type Written = WrittenPipeline & { readonly resource: string }

const checks = [
  { names: ['check-resource', 'cr'], kind: 'resources', what: 'resource' },
  { names: ['check-resource-type', 'crt'], kind: 'resource-types', what: 'resource type' },
] as const

const changes = [
  { names: ['enable-resource-version', 'erv'], what: 'enable', summary: 'let jobs use a version again', done: 'enabled' },
  { names: ['disable-resource-version', 'drv'], what: 'disable', summary: 'let no job use a version', done: 'disabled' },
] as const

export function addResourceCommands(program: Command): void {
  addRemoteCommand(program, {
    names: ['resources', 'rs'],
    summary: 'list the resources of a pipeline, with their last checks',
    examples: ['airside resources -p demo'],
    flags: { pipeline: { short: 'p', type: pipelineRef, summary: 'the pipeline' }, team: teamFlag, ...jsonFlag },
    async run(session, { pipeline, team, json }) {
      if (pipeline === undefined) throw new CommandError('which pipeline? -p PIPELINE')
      const items = orFail(await session.api.resources(session.pipeline(pipeline, team)), session, `there is no pipeline ${pipelineText(pipeline)}`)
      showList({
        json,
        items,
        head: ['name', 'type', 'pinned', 'checked', 'last check'],
        row: (resource) => [
          { text: resource.name },
          { text: resource.type },
          { text: resource.pinned_version === undefined ? 'n/a' : shown(resource.pinned_version) },
          { text: resource.last_checked === undefined ? 'never' : new Date(resource.last_checked * 1000).toISOString() },
          { text: resource.build?.status ?? 'n/a' },
        ],
      })
    },
  })
  addRemoteCommand(program, {
    names: ['resource-versions', 'rvs'],
    summary: 'list the versions of a resource, newest first',
    examples: ['airside resource-versions -r demo/repo --count 5'],
    flags: { resource: resourceFlag, count: { short: 'c', type: integer('N', 1, 10_000), default: '50', summary: 'how many' }, team: teamFlag, ...jsonFlag },
    async run(session, { resource, count, team, json }) {
      const items = await versionsOf(session, named(resource), team, count)
      showList({ json, items, head: ['id', 'version', 'enabled'], row: ({ id, version, enabled }) => [{ text: String(id) }, { text: shown(version) }, { text: enabled ? 'yes' : 'no' }] })
    },
  })
  for (const { names, kind, what } of checks) {
    addRemoteCommand(program, {
      names,
      summary: `check a ${what} for new versions now`,
      description: `Checks a ${what} and prints the check's log. The exit status is 0 when it succeeded, else 1 failed, 2 errored, 3 aborted.`,
      examples: [`airside ${names[0]} -r demo/repo`, `airside ${names[0]} -r demo/repo --from ref:abc123`],
      flags: { resource: { ...resourceFlag, summary: `the ${what}` }, from: { short: 'f', type: versionPair, summary: 'check from this version on' }, team: teamFlag },
      async run(session, { resource, from, team }) {
        const written = named(resource)
        const version = from.length === 0 ? undefined : Object.fromEntries(from)
        const build = orFail(await session.api.check({ pipeline: session.pipeline(written, team), resource: written.resource }, version, kind), session, missing(written, what))
        terminal.line(`checking ${pipelineText(written)}/${written.resource} in build ${build.id}`)
        return watch(session, build.id, `-b ${build.id}`)
      },
    })
  }
  addRemoteCommand(program, {
    names: ['pin-resource', 'pr'],
    summary: 'let jobs use one version of a resource only',
    examples: ['airside pin-resource -r demo/repo -v ref:abc123 --comment "until 1.3 is out"', 'airside pin-resource -r demo/repo --comment "for good"'],
    flags: { ...versionFlags, comment: { short: 'c', type: text('TEXT'), summary: 'why; alone, for the version that is pinned' } },
    async run(session, { resource, version, team, comment }) {
      const written = named(resource)
      const ref = { pipeline: session.pipeline(written, team), resource: written.resource }
      if (version.length > 0 || comment === undefined) {
        const { id, version: found } = await oneVersion(session, written, version, team)
        orFail(await session.api.changeVersion(ref, id, 'pin'), session, missing(written))
        terminal.line(`pinned ${shown(found)} of ${pipelineText(written)}/${written.resource}`)
      }
      if (comment !== undefined) orFail(await session.api.setPinComment(ref, comment), session, missing(written))
    },
  })
  for (const { names, what, summary, done } of changes) {
    addRemoteCommand(program, {
      names,
      summary,
      examples: [`airside ${names[0]} -r demo/repo -v ref:abc123`],
      flags: versionFlags,
      async run(session, { resource, version, team }) {
        const written = named(resource)
        const { id, version: found } = await oneVersion(session, written, version, team)
        orFail(await session.api.changeVersion({ pipeline: session.pipeline(written, team), resource: written.resource }, id, what), session, missing(written))
        terminal.line(`${done} ${shown(found)} of ${pipelineText(written)}/${written.resource}`)
      },
    })
  }
  addRemoteCommand(program, {
    names: ['unpin-resource', 'ur'],
    summary: 'let jobs use all versions of a pinned resource again',
    examples: ['airside unpin-resource -r demo/repo'],
    flags: { resource: resourceFlag, team: teamFlag },
    async run(session, { resource, team }) {
      const written = named(resource)
      orFail(await session.api.unpin({ pipeline: session.pipeline(written, team), resource: written.resource }), session, missing(written))
      terminal.line(`unpinned ${pipelineText(written)}/${written.resource}`)
    },
  })
}

const missing = (written: Written, what = 'resource'): string => `there is no ${what} ${pipelineText(written)}/${written.resource}`
const shown = (version: Readonly<Record<string, string>>): string => Object.entries(version).map(([key, value]) => `${key}:${value}`).join(',')

function named(resource: Written | undefined): Written {
  if (resource === undefined) throw new CommandError('which resource? -r PIPELINE/RESOURCE')
  return resource
}

const versionsOf = async (session: Session, written: Written, team: string | undefined, limit: number) =>
  orFail(await session.api.versions({ pipeline: session.pipeline(written, team), resource: written.resource }, limit), session, missing(written))

/** The one version that has all that was named. */
async function oneVersion(session: Session, written: Written, wanted: readonly (readonly [string, string])[], team: string | undefined) {
  if (wanted.length === 0) throw new CommandError('which version? -v KEY:VALUE; airside resource-versions lists them')
  const all = await versionsOf(session, written, team, mostVersions)
  const exact = all.filter(({ version }) => canonicalJson(version) === canonicalJson(Object.fromEntries(wanted)))
  const fitting = exact.length > 0 ? exact : all.filter(({ version }) => wanted.every(([key, value]) => version[key] === value))
  const [only, another] = fitting
  const text = wanted.map(([key, value]) => `${key}:${value}`).join(',')
  if (only === undefined) throw new CommandError(`${pipelineText(written)}/${written.resource} has no version ${text}; airside resource-versions lists those that it has`, 1)
  if (another !== undefined) throw new CommandError(`several versions have ${text}; say more:\n${fitting.slice(0, 10).map(({ version }) => `  ${shown(version)}`).join('\n')}`)
  return only
}
