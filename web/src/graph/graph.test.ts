import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { acyclic } from './acyclic.ts'
import { group } from './group.ts'
import type { Box } from './layout/types.ts'
import { jobEdges, neighbours, reached, type Edge, type GraphJob } from './model.ts'
import { between, jobKey, lit, pathOf, type Picture } from './picture.ts'
import { jobsView } from './jobs-view.ts'
import { reduce } from './reduce.ts'
import { order } from './layout/order.ts'
import { resourcesView } from './resources-view.ts'
import { anyJobs, jobsOf } from './testing/pipelines.ts'

const views = [['jobs', jobsView], ['resources', resourcesView]] as const
const every = { numRuns: 300 }

const overlap = (a: Box, b: Box): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
const inside = (a: Box, b: Box): boolean => a.x >= b.x && a.y >= b.y && a.x + a.width <= b.x + b.width && a.y + a.height <= b.y + b.height

/** Pairs of boxes of nodes that overlap, and frames that cut a box. */
function collisions({ nodes, frames }: Picture): string[] {
  const found: string[] = []
  for (const [index, a] of nodes.entries()) {
    for (const b of nodes.slice(index + 1)) if (overlap(a.box, b.box)) found.push(`${a.key} ${b.key}`)
    for (const frame of frames) if (overlap(a.box, frame) && !inside(a.box, frame)) found.push(`${a.key} at the edge of a frame`)
  }
  for (const [index, a] of frames.entries()) for (const b of frames.slice(index + 1)) if (overlap(a, b)) found.push('two frames')
  return found
}

test.each(views)('W6: %s view: no boxes overlap, and all are within the picture', (_name, view) => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const picture = view(jobs)
      expect(collisions(picture)).toEqual([])
      const whole = { x: -0.01, y: -0.01, width: picture.width + 0.02, height: picture.height + 0.02 }
      expect(picture.nodes.filter(({ box }) => !inside(box, whole))).toEqual([])
    }),
    every,
  )
})

test.each(views)('W6: %s view: lines run to the right, but for those that close a circle', (_name, view) => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const { nodes, lines } = view(jobs)
      const boxes = new Map(nodes.map(({ key, box }) => [key, box]))
      for (const { from, to, points, back } of lines) {
        if (back) continue
        expect(points.every(({ x }, index) => index === 0 || x >= points[index - 1]!.x)).toBe(true)
        for (const start of from) for (const end of to) expect(boxes.get(start)!.x + boxes.get(start)!.width).toBeLessThan(boxes.get(end)!.x)
      }
    }),
    every,
  )
})

test.each(views)('W6: %s view: the same jobs give the same picture', (_name, view) => {
  fc.assert(fc.property(anyJobs, (jobs) => void expect(view(structuredClone(jobs))).toEqual(view(jobs))), { numRuns: 50 })
})

test.each(views)('%s view: each job is there once, behind those that it waits for', (_name, view) => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const { nodes, lines } = view(jobs)
      expect(nodes.flatMap(({ kind, name }) => (kind === 'job' ? [name] : [])).toSorted()).toEqual(jobs.map(({ name }) => name).toSorted())
      const place = new Map(nodes.map(({ key }, index) => [key, index]))
      expect(lines.filter(({ from, to, back }) => !back && from.some((start) => to.some((end) => place.get(start)! > place.get(end)!)))).toEqual([])
    }),
    every,
  )
})

const reachability = (count: number, edges: readonly Edge[]) => Array.from({ length: count }, (_none, node) => [...reached(neighbours(count, edges), node, 'after')].toSorted((a, b) => a - b))

test('W6: a reduction keeps what each job reaches, and no edge that a longer way shows', () => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const { forward, order } = acyclic(jobs.length, jobEdges(jobs))
      const { kept, hidden } = reduce(order, forward)
      expect([...kept, ...hidden].length).toBe(forward.length)
      expect(reachability(jobs.length, kept)).toEqual(reachability(jobs.length, forward))
      for (const edge of kept) {
        const others = neighbours(jobs.length, kept.filter((other) => other !== edge))
        expect(reached(others, edge.from, 'after').has(edge.to)).toBe(false)
      }
    }),
    every,
  )
})

test('edges that are left close no circle, and each that is taken out closes one', () => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const { forward, back } = acyclic(jobs.length, jobEdges(jobs))
      const all = neighbours(jobs.length, forward)
      for (const node of jobs.keys()) expect(reached(all, node, 'after').has(node)).toBe(false)
      for (const { from, to } of back) expect(reached(all, to, 'after').has(from)).toBe(true)
    }),
    every,
  )
})

test('W6: jobs of one group have the same neighbours, and those of two groups have not', () => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const { forward, back } = acyclic(jobs.length, jobEdges(jobs))
      const all = [forward, back].map((edges) => neighbours(jobs.length, edges))
      const key = (node: number) => JSON.stringify(all.map((near) => [near[node]!.before.toSorted(), near[node]!.after.toSorted()]))
      const { groups, alone } = group(jobs.length, { forward, back })
      expect(groups.map((nodes) => new Set(nodes.map(key)).size)).toEqual(groups.map(() => 1))
      expect(new Set(groups.map((nodes) => key(nodes[0]!))).size).toBe(groups.length)
      expect([...groups.flat(), ...alone].toSorted((a, b) => a - b)).toEqual([...jobs.keys()])
    }),
    every,
  )
})

test('a selected job lights all of its edges, drawn or hidden, and no other', () => {
  fc.assert(
    fc.property(anyJobs, (jobs) => {
      const picture = jobsView(jobs)
      const edges = jobEdges(jobs).map(({ from, to }) => [jobKey(jobs[from]!.name), jobKey(jobs[to]!.name)])
      for (const { key } of picture.nodes) {
        const { lines, hidden } = lit(picture, key)
        const shown = [...lines].flatMap(({ from, to }) => (from.includes(key) ? to.map((end) => [key, end]) : from.map((start) => [start, key])))
        const found = [...shown, ...hidden.map(({ from, to }) => [from, to])]
        const expected = edges.filter((edge) => edge.includes(key))
        // Both jobs of a circle may have a line to each other: each is an edge of its own.
        expect(new Set(found.map(String))).toEqual(new Set(expected.map(String)))
      }
    }),
    every,
  )
})

/** Boxes as `name x,y`, frames and lines, in whole pixels. */
function golden({ nodes, frames, lines, captions, width, height, crossings }: Picture): string[] {
  const whole = Math.round
  return [
    ...nodes.map(({ name, box }) => `${name} ${whole(box.x)},${whole(box.y)} ${box.width}×${box.height}`),
    ...frames.map((box) => `frame ${whole(box.x)},${whole(box.y)} ${box.width}×${box.height}`),
    ...lines.map(({ points, dotted, back }) => `${dotted ? 'dotted' : 'line'}${back ? ' back' : ''} ${points.map(({ x, y }) => `${whole(x)},${whole(y)}`).join(' ')}`),
    ...captions.map(({ x, y, text }) => `“${text}” ${whole(x)},${whole(y)}`),
    `${whole(width)}×${whole(height)}, ${crossings} crossings`,
  ]
}

const shapes: Readonly<Record<string, { readonly jobs: readonly GraphJob[]; readonly view?: typeof jobsView }>> = {
  'a row, and an edge that a longer way shows': { jobs: jobsOf('build > unit > ship', 'build > ship') },
  'a fan: what stands between the same jobs shares a frame': { jobs: jobsOf('gate > a > release', 'gate > b > release', 'gate > c > release') },
  'a long edge goes around what stands between its ends': { jobs: jobsOf('build > unit > ship', 'build > lint > docs', 'lint > deploy', 'ship > deploy') },
  'two parts, a line without a trigger, and jobs without lines below': { jobs: jobsOf('a > b', 'a > c', 'c > d', 'e ~ f', 'alone', 'lonely') },
  'a circle: the edge that closes it runs back': { jobs: jobsOf('a > b > c', 'c > a') },
  'with resources': {
    view: resourcesView,
    jobs: [
      { name: 'unit', inputs: [{ resource: 'repo', trigger: true }, { resource: 'image', trigger: false }], outputs: [] },
      { name: 'ship', inputs: [{ resource: 'repo', trigger: true, passed: ['unit'] }, { resource: 'image', trigger: false }], outputs: [{ resource: 'release' }] },
    ],
  },
}

test('W6: pictures of six shapes are as the golden file has them', async () => {
  const file = join(import.meta.dirname, 'shapes.golden.txt')
  const text = Object.entries(shapes).map(([name, { jobs, view = jobsView }]) => `${[name, ...golden(view(jobs))].join('\n  ')}\n`).join('\n')
  if (process.env['UPDATE_GOLDENS'] === '1') await writeFile(file, text)
  expect(text).toBe(await readFile(file, 'utf8'))
})

test('the path of a line is level within a pair of points and curved between pairs', () => {
  expect(pathOf([{ x: 0, y: 0 }, { x: 10, y: 8 }, { x: 30, y: 8 }, { x: 40, y: 0 }])).toBe('M0,0C5,0 5,8 10,8H30C35,8 35,0 40,0')
  expect(pathOf([])).toBe('')
  const [a, b] = [{ x: 200, y: 0, width: 10, height: 10 }, { x: 0, y: 0, width: 10, height: 10 }]
  expect(pathOf(between(a, b))).toBe('M210,5C250,5 -40,5 0,5')
})

test('the crossings that an order tells of are those of its links', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 4 }), fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { maxLength: 30 }), (sizes, chosen) => {
      const columns = sizes.map((size, column) => Array.from({ length: size }, (_none, index) => sizes.slice(0, column).reduce((sum, one) => sum + one, 0) + index))
      const ways = chosen.map(([column, from, to]) => [columns[column % (columns.length - 1)]!, columns[(column % (columns.length - 1)) + 1]!].map((nodes, side) => nodes[[from, to][side]! % nodes.length]!))
      const { columns: ordered, crossings } = order({ columns, ways, count: columns.flat().length })
      const place = new Map(ordered.flatMap((column, index) => column.map((node, at) => [node, { index, at }])))
      const ends = ways.map(([from, to]) => ({ column: place.get(from!)!.index, left: place.get(from!)!.at, right: place.get(to!)!.at }))
      const crossing = ends.flatMap((a, index) => ends.slice(index + 1).filter((b) => a.column === b.column && (a.left - b.left) * (a.right - b.right) < 0))
      expect(crossings).toBe(crossing.length)
      expect(ordered.map((column) => column.toSorted((a, b) => a - b))).toEqual(columns)
    }),
  )
})
