import { basename } from 'node:path'
import { buildPorts } from '../../../src/app/build-ports.ts'
import { openApp } from '../../../src/app/open-app.ts'
import type { RuntimeOptions } from '../../../src/app/options.ts'
import { colorsFor } from '../../../src/cli/colors.ts'
import { loadPipeline } from '../../../src/cli/run/load-pipeline.ts'
import { createRun } from '../../../src/builds/create-run.ts'
import { Engine } from '../../../src/engine/engine.ts'
import { silentLog } from '../../../src/lib/log.ts'
import type { SupervisorSettings } from '../../../src/model/supervisor-settings.ts'
import { deadlyPorts, type Point } from './points.ts'

/** What `airside run` is told, and where it is to die. */
export interface FatalRun {
  readonly point: Point
  readonly file: string
  readonly data: string
  readonly runtime: RuntimeOptions
  readonly prepareAhead: number
  readonly supervisor: SupervisorSettings
}

/** `airside run` with ports that kill it. Ends by itself only when it never passes the point. */
const { point, file, data, runtime, prepareAhead, supervisor } = JSON.parse(process.argv[2] ?? '') as FatalRun
const say = (line: string) => process.stderr.write(`${line}\n`)
const opened = await openApp({
  data, runtime, externalUrl: '', baseTypes: new Map(), prepareAhead, nativeImageFetch: true, supervisor, log: silentLog, progress: say,
})
if (!opened.ok) throw new Error(opened.error.message)
const app = opened.value
const colors = colorsFor(process.stdout)
const { config, job } = await loadPipeline({ file, vars: {}, revealed: [], baseTypes: ['registry-image'], colors, warn: say }, undefined)
const created = await createRun(
  buildPorts(app),
  { config, job, pipeline: basename(file, '.yml'), stored: {}, localInputs: new Map(), inputVersions: new Map(), skipPuts: 'none' },
  { notice: () => undefined, checking: () => Promise.resolve() },
  new AbortController().signal,
)
if (!created.ok) throw new Error(JSON.stringify(created.error))
const { services, builds } = deadlyPorts(point, app)
const build = await new Engine(services, builds, 'fatal').claim(created.value.buildId)
const end = await build?.end
say(`the build ended (${end?.status}) before ${point}`)
process.exit(1)
