import { expect, test } from 'vitest'
import { causalNodes, mostOfGroup, type Causality } from './causality.ts'
import { causalityView } from './causality-view.ts'
import { layOutShape } from './lay-out-shape.ts'

const version = (id: number, resource: number, builds: readonly number[] = []) => ({ id, resource_id: resource, version: { ref: `v${id}` }, build_ids: builds })

const small: Causality = {
  jobs: [{ id: 1, name: 'unit' }, { id: 2, name: 'ship' }],
  builds: [{ id: 10, name: '1', job_id: 1, status: 'succeeded', resource_version_ids: [21] }, { id: 11, name: '7', job_id: 2, status: 'failed' }],
  resources: [{ id: 5, name: 'repo' }, { id: 6, name: 'site' }],
  resource_versions: [version(20, 5, [10]), version(21, 6, [11])],
}

test('versions lead to the builds that took them, and builds to the versions that they made', () => {
  const { nodes, edges } = causalNodes(small, small.resource_versions[0]!, new Set())
  expect(nodes.map(({ key }) => key)).toEqual(['version:5:20', 'build:10', 'version:6:21', 'build:11'])
  expect(edges.map(({ from, to }) => `${nodes[from]!.key} ${nodes[to]!.key}`)).toEqual(['version:5:20 build:10', 'version:6:21 build:11', 'build:10 version:6:21'])
})

test.each(['downstream', 'upstream'] as const)('%s, what came first stands at the left', (direction) => {
  const { shape } = causalityView(small, small.resource_versions[0]!, direction, new Set())
  const picture = layOutShape(shape)
  const left = picture.nodes.toSorted((a, b) => a.box.x - b.box.x).map(({ name }) => name)
  expect(left).toEqual(direction === 'downstream' ? ['repo v20', 'unit #1', 'site v21', 'ship #7'] : ['ship #7', 'site v21', 'unit #1', 'repo v20'])
})

/** One version that so many builds of one job took, each of which made another. */
const large = (count: number): Causality => ({
  jobs: [{ id: 1, name: 'unit' }],
  builds: Array.from({ length: count }, (_, index) => ({ id: index + 1, name: String(index + 1), job_id: 1, status: 'succeeded', resource_version_ids: [index + 1_001] })),
  resources: [{ id: 5, name: 'repo' }, { id: 6, name: 'site' }],
  resource_versions: [version(1, 5, Array.from({ length: count }, (_, index) => index + 1)), ...Array.from({ length: count }, (_, index) => version(index + 1_001, 6))],
})

test('more than 200 nodes are grouped by job and resource, and a group is opened in part', () => {
  const hundred = large(99)
  expect(causalNodes(hundred, hundred.resource_versions[0]!, new Set()).nodes.length).toBe(199)
  const many = large(300)
  const root = many.resource_versions[0]!
  const closed = causalNodes(many, root, new Set())
  expect(closed.nodes.map((node) => ('count' in node ? [node.kind, node.of, node.count] : [node.kind]))).toEqual([['version'], ['builds', 'unit', 300], ['versions', 'site', 300]])
  expect(closed.edges).toEqual([{ from: 0, to: 1 }, { from: 1, to: 2 }])
  const { nodes } = causalNodes(many, root, new Set(['builds:1']))
  const builds = nodes.filter(({ kind }) => kind === 'build')
  expect(builds.length).toBe(mostOfGroup)
  expect(nodes.some((node) => node.kind === 'build' && node.build.id === 300)).toBe(true)
  expect(nodes.find(({ kind }) => kind === 'builds')).toMatchObject({ count: 200 })
})
