import { busyboxImage } from '../test/services/images.ts'
import { floorsInARow } from './floors.ts'
import type { Place } from './place.ts'
import { openProcessorMeter } from './processor.ts'
import type { Finding } from './report.ts'
import { openServer, openWarmServer, type LocalServer } from './server.ts'
import { medianOf } from './statistics.ts'
import { planPipeline } from './tasks.ts'

const type = 'bench-folder'

/** (h) A get, a task whose file came with it, so that its image is not known before, and a put, against three floors one after the other; in warm sandboxes too, where there are such. */
export async function taskFromFile(place: Place, runs: number, progress: (line: string) => void): Promise<Finding[]> {
  const repository = await place.push('folder-resource', await folderResource(place.repository))
  const opened = { baseTypes: new Map([[type, `${repository}:1`]]) }
  const meter = await openProcessorMeter()
  const kinds = [measured('', '<= 1.3', 0, await openServer(place, opened))]
  if (place.warmed !== undefined) kinds.push(measured(', with three warm sandboxes', '<= 0.4', 3, await openWarmServer(place, 3, opened)))
  const floor: number[] = []
  const floorProcessor: number[] = []
  try {
    for (let run = -1; run < runs; run += 1) {
      for (const { server, ours, toTask, toPut, processor, sandboxes } of kinds) {
        const spent = await meter.begin()
        const { claimed, ended, steps } = await server.run(await server.create(planOfRun(run)))
        await server.quiet()
        // So that making sandboxes is in nobody's time, and its cost in this run's.
        if (sandboxes > 0) await place.warmed?.(server.app.stores.installation, sandboxes)
        const cost = await spent()
        if (run < 0) continue
        const [get, task, put] = ['folder', 'unit', 'result'].map((name) => steps.find(({ stepName }) => stepName === name))
        if (get === undefined || task === undefined || put === undefined) throw new Error('a step had no container')
        ours.push(ended - claimed)
        toTask.push((task.firstOutput ?? Number.NaN) - (get.lastOutput ?? Number.NaN))
        toPut.push((put.firstOutput ?? Number.NaN) - (task.lastOutput ?? Number.NaN))
        processor.push(cost / 3)
      }
      const three = await floorsInARow(place, meter, 3)
      if (run < 0) continue
      floor.push(three.ms)
      floorProcessor.push(three.processor)
      progress(`(h) ${run + 1} of ${runs}: ${kinds.map(({ name, ours }) => `get, task from a file, put${name} ${ours.at(-1)?.toFixed(0)} ms, `).join('')}three floors ${three.ms.toFixed(0)} ms`)
    }
  } finally {
    for (const { server } of kinds) await server.close()
  }
  return kinds.map(({ name, goal, ours, toTask, toPut, processor }): Finding => ({
    bench: 'h',
    title: `get, a task from a file, put${name} (gap to the task: at most 400 ms with sandboxes)`,
    series: { ours, floor, 'gap between get and task': toTask, 'gap between task and put': toPut, 'processor a step': processor, 'processor of a floor': floorProcessor },
    ratio: medianOf(ours) / medianOf(floor),
    ...(place.kind === 'kubernetes' && { goal }),
  }))
}

const measured = (name: string, goal: string, sandboxes: number, server: LocalServer) => ({
  name, goal, sandboxes, server, ours: [] as number[], toTask: [] as number[], toPut: [] as number[], processor: [] as number[],
})

/** A version of its own: what a get fetched is remembered, and would not be fetched again. */
function planOfRun(run: number) {
  const pipeline = {
    resources: [{ name: 'folder', type, source: {} }, { name: 'result', type, source: {} }],
    jobs: [{ name: 'bench', plan: [{ get: 'folder' }, { task: 'unit', file: 'folder/task.yml' }, { put: 'result', no_get: true }] }],
  }
  return planPipeline(pipeline, { inputs: new Map([['folder', { run: String(run) }]]), types: [type] })
}

/** A resource whose get gives a task's file, and whose put does nothing. Each says so on stderr, which is shown at once. */
async function folderResource(repository: string) {
  const task = {
    platform: 'linux',
    image_resource: { type: 'registry-image', source: { repository, tag: '1', insecure: true } },
    inputs: [{ name: 'folder' }],
    run: { path: 'sh', args: ['-ec', 'echo begin; test -e folder/task.yml; echo end'] },
  }
  const script = (lines: readonly string[]) => `#!/bin/sh\n${lines.join('\n')}\n`
  const version = `echo '{"version":{"run":"0"}}'`
  const file = (name: string, lines: readonly string[]) => ({ path: `opt/resource/${name}`, content: script(lines), mode: 0o755 })
  return busyboxImage([
    { path: 'opt/', folder: true },
    { path: 'opt/resource/', folder: true },
    file('check', ['echo "[]"']),
    file('in', [`cat > "$1/task.yml" <<'END'`, JSON.stringify(task), 'END', 'echo fetched >&2', version]),
    file('out', ['echo put >&2', version]),
  ])
}
