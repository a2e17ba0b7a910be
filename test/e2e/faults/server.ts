import { basename } from 'node:path'
import { openApp } from '../../../src/app/open-app.ts'
import type { RuntimeOptions } from '../../../src/app/options.ts'
import { colorsFor } from '../../../src/cli/colors.ts'
import { loadPipeline } from '../../../src/cli/run/load-pipeline.ts'
import { createRun } from '../../../src/cli/run/run-build.ts'
import { StatusLine } from '../../../src/cli/run/status-line.ts'
import { Engine } from '../../../src/engine/engine.ts'
import { systemClock } from '../../../src/lib/clock.ts'
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
if (!opened.ok) throw new Error(opened.error)
const app = opened.value
const colors = colorsFor(process.stdout)
const { config, job } = await loadPipeline({ file, vars: {}, revealed: [], baseTypes: ['registry-image'], colors, warn: say }, undefined)
const { buildId } = await createRun(
  app,
  { config, job, pipeline: basename(file, '.yml'), stored: {}, localInputs: new Map(), inputVersions: new Map(), skipPuts: 'none', say },
  { colors, status: new StatusLine(systemClock, {}, () => undefined), write: say, signal: new AbortController().signal },
  () => undefined,
)
const { services, builds } = deadlyPorts(point, app)
const build = await new Engine(services, builds, 'fatal').claim(buildId)
const end = await build?.end
say(`the build ended (${end?.status}) before ${point}`)
process.exit(1)
