import { useMemo, useState } from 'preact/hooks'
import { Graph, type Look } from '../../graph/Graph.tsx'
import { GraphFailed } from '../../graph/GraphFailed.tsx'
import type { Causality, CausalVersion } from '../../graph/causality.ts'
import { causalityView } from '../../graph/causality-view.ts'
import { Failure } from '../../parts/Failure.tsx'
import { Notice, Skeleton } from '../../parts/Notice.tsx'
import { Refused } from '../../parts/Refused.tsx'
import { stateOfStatus } from '../../parts/state.ts'
import { VersionText } from '../../parts/VersionText.tsx'
import { Heading } from '../../shell/Heading.tsx'
import { go, href } from '../../store/navigation.ts'
import { apiPath } from '../../store/paths.ts'
import { useAnswer } from '../../store/use-answer.ts'
import { usePicture } from '../../store/use-picture.ts'
import { loginUrl, user } from '../../store/user.ts'
import type { PageProps } from '../registry.ts'
import css from './CausalityPage.module.css'

type Route = PageProps<'causality'>['route']

/** `…/resources/R/causality/V/downstream`: the builds and versions that came of a version; `upstream`: those that it came from. */
export default function CausalityPage({ route }: PageProps<'causality'>): preact.JSX.Element {
  const answer = useAnswer<Causality>(apiPath(route.id, ['resources', route.resource, 'versions', String(route.version), route.direction]))
  const missing = (status: number) => <Refused status={status} subject={`version ${route.version} of resource ${route.resource}`} loginUrl={loginUrl()} team={route.id.team} {...(user.value !== undefined && { person: user.value.name })} />
  switch (answer.kind) {
    case 'loading': return <Skeleton />
    case 'failed': return [401, 403, 404, 410].includes(answer.error.status) ? missing(answer.error.status) : <Failure error={answer.error} retry={answer.retry} />
    case 'ready': {
      const resource = answer.value.resources.find(({ name }) => name === route.resource)
      const root = answer.value.resource_versions.find(({ id, resource_id: of }) => id === route.version && of === resource?.id)
      return <Found key={route.direction} route={route} causality={answer.value} root={root} />
    }
  }
}

const titles = { downstream: 'What came of it', upstream: 'Where it came from' } as const

function Found({ route, causality, root }: { readonly route: Route; readonly causality: Causality; readonly root: CausalVersion | undefined }): preact.JSX.Element {
  const alone = causality.builds.length === 0
  const link = (direction: Route['direction']) => (
    <a class="button" href={href({ ...route, direction })} aria-current={direction === route.direction ? 'page' : undefined}>
      {titles[direction]}
    </a>
  )
  return (
    <div class={css.page}>
      <header class={css.bar}>
        <Heading title={`${titles[route.direction]}: ${route.resource}`} class={css.heading}>
          {titles[route.direction]}: {route.resource}
        </Heading>
        {root !== undefined && <VersionText version={root.version} />}
        <nav aria-label="Direction">
          {link('upstream')} {link('downstream')}
        </nav>
      </header>
      {causality.left_out !== undefined && <Notice kind="info">{causality.left_out}</Notice>}
      {alone ? (
        <Notice kind="info">{route.direction === 'downstream' ? 'No build has got this version.' : 'No build of this pipeline has put this version: a check found it.'}</Notice>
      ) : (
        root !== undefined && <CausalityGraph route={route} causality={causality} root={root} />
      )}
    </div>
  )
}

function CausalityGraph({ route, causality, root }: { readonly route: Route; readonly causality: Causality; readonly root: CausalVersion }): preact.JSX.Element {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const { shape, nodes } = useMemo(() => causalityView(causality, root, route.direction, opened), [causality, root, opened])
  const laidOut = usePicture(shape)
  if (laidOut.kind === 'loading') return <Skeleton />
  if (laidOut.kind === 'failed') return <GraphFailed />
  const { picture } = laidOut
  const look = (key: string): Look => {
    const node = nodes.get(key)
    switch (node?.kind) {
      case 'build': {
        const state = stateOfStatus(node.build.status as Parameters<typeof stateOfStatus>[0])
        return { state, label: `${node.job} #${node.build.name}, ${state}`, href: href({ page: 'job-build', id: route.id, job: node.job, build: node.build.name, view: {} }) }
      }
      case 'version': {
        return { state: undefined, label: `${node.resource} ${Object.values(node.version.version).join(' ')}, a version`, href: href({ page: 'resource', id: route.id, resource: node.resource, filter: Object.entries(node.version.version) }), pinned: false }
      }
      case 'builds': return { state: undefined, label: `${node.of} × ${node.count}, builds of a job: show them`, href: href({ page: 'job', id: route.id, job: node.of }) }
      case 'versions': return { state: undefined, label: `${node.of} × ${node.count}, versions of a resource: show them`, href: href({ page: 'resource', id: route.id, resource: node.of, filter: [] }) }
      // Of the picture before: its group was opened, and the next picture is on its way.
      case undefined: return { state: undefined, label: picture.nodes.find((shown) => shown.key === key)?.name ?? '', href: '' }
    }
  }
  const choose = (key: string | undefined): void => {
    const node = key === undefined ? undefined : nodes.get(key)
    if (node === undefined || key === undefined) return
    if ((node.kind === 'builds' || node.kind === 'versions') && !opened.has(key)) setOpened(new Set([...opened, key]))
    else go(look(key).href)
  }
  return (
    <div class={css.graph}>
      <Graph picture={picture} label="Builds and versions, each behind those that it came from" look={look} selected={undefined} onSelect={choose} onOpen={() => undefined} />
    </div>
  )
}
