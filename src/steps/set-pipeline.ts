import type { BuildEvent } from '../model/event.ts'
import type { JsonObject } from '../model/json.ts'
import type { PlanNode, SetPipelinePlan } from '../model/plan.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { leaf, unfetched, type LeafEnd, type Running } from './leaf.ts'
import { errored, failed, succeeded } from './outcome.ts'
import type { ImageFailure, KeyedEvent, PipelineToSet, SetPipelinePorts, SetPipelineResult, Step } from './ports.ts'

/** Makes a file of an artifact the config of a pipeline: of the build's own, of another, or of another team's. */
export function setPipelineStep({ set_pipeline: plan }: PlanNode<'set_pipeline'>, ports: SetPipelinePorts): Step {
  return {
    run: (state, signal) => leaf({ ports, state, signal }, () => set(plan, { ports, state, signal })),
  }
}

async function set(plan: SetPipelinePlan, running: Running<SetPipelinePorts>): Promise<LeafEnd> {
  const { ports, state, signal } = running
  const origin = { id: ports.planId }
  ports.emit({ type: 'initialize', data: { origin, time: ports.time() } }, 'initialize')
  const { var_files: varFiles = [], ...plain } = plan
  const fields: JsonObject = { ...plain, var_files: [...varFiles] }
  const filled = await ports.interpolate<JsonObject>(fields, state, signal)
  if (!filled.ok) return unfetched(filled.error)
  const decoded = decode(filled.value)
  if (!decoded.ok) return { outcome: errored(decoded.error) }
  const wanted = decoded.value
  for (const [what, name] of [['pipeline', wanted.name], ['team', wanted.team ?? '']] as const) {
    if (what === 'team' && wanted.name === 'self') continue
    if (name.includes('/')) return ended(ports, failed, [{ source: 'stderr', text: `ERROR: ${what} name cannot contain '/'\n` }])
  }
  const config = await configOf(wanted, running)
  if (!config.ok) return unfetched(config.error)
  ports.emit({ type: 'start', data: { origin, time: ports.time() } }, 'start')
  const read = await readFiles(wanted.varFiles, running)
  if (!read.ok) return ended(ports, failed, [{ source: 'stderr', text: `error parsing pipeline:\n${read.error}\n` }])
  signal.throwIfAborted()
  return told(ports, await ports.setPipeline({ ...wanted, config: config.value, varFiles: read.value }))
}

interface Wanted {
  readonly name: string
  readonly file: string
  readonly team?: string
  readonly vars?: JsonObject
  readonly varFiles: readonly string[]
  readonly instanceVars?: JsonObject
}

/** Vars may have made anything of the fields. */
function decode({ name, file, team, vars, var_files: varFiles = [], instance_vars: instanceVars }: JsonObject): Result<Wanted, string> {
  const isMap = (value: unknown): value is JsonObject | undefined => value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))
  const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every((item) => typeof item === 'string')
  const is = (field: string, shape: string) => fail(`the \`${field}\` of a set_pipeline step is ${shape}; its vars make it something else`)
  if (typeof name !== 'string') return is('set_pipeline', 'the name of a pipeline')
  if (typeof file !== 'string') return is('file', 'text, as in "repo/ci/pipeline.yml"')
  if (team !== undefined && typeof team !== 'string') return is('team', 'the name of a team')
  if (!isMap(vars)) return is('vars', 'a map')
  if (!isMap(instanceVars)) return is('instance_vars', 'a map')
  if (!isTexts(varFiles)) return is('var_files', 'a list of texts, as in "repo/ci/vars.yml"')
  return ok({ name, file, varFiles, ...(team !== undefined && { team }), ...(vars && { vars }), ...(instanceVars && { instanceVars }) })
}

/** Brings the var files' artifacts here as well: those can be read at once then. */
async function configOf({ file, varFiles }: Wanted, running: Running<SetPipelinePorts>): Promise<Result<PipelineToSet['config'], ImageFailure>> {
  const { ports, state, signal } = running
  const artifacts = await ports.download(new Set([file, ...varFiles].map((name) => name.split('/', 1)[0] ?? '')), state, signal)
  if (!artifacts.ok) return artifacts
  const read = await ports.readFile(file, state)
  return read.ok ? ok({ file, bytes: read.value }) : fail({ kind: 'failed', message: read.error })
}

/** As in Concourse, one that cannot be read makes the step a failure, as a config that is wrong does. */
async function readFiles(files: readonly string[], { ports, state }: Running<SetPipelinePorts>): Promise<Result<PipelineToSet['varFiles'], string>> {
  const read: { file: string; bytes: Uint8Array }[] = []
  for (const file of files) {
    const bytes = await ports.readFile(file, state)
    if (!bytes.ok) return bytes
    read.push({ file, bytes: bytes.value })
  }
  return ok(read)
}

interface LogText {
  readonly source: 'stdout' | 'stderr'
  readonly text: string
}

function told(ports: SetPipelinePorts, result: SetPipelineResult): LeafEnd {
  if (result.kind === 'refused') return { outcome: errored(result.message) }
  const warnings = result.warnings.map((warning): LogText => ({ source: 'stderr', text: `WARNING: ${warning}\n` }))
  const out = (text: string): LogText => ({ source: 'stdout', text })
  switch (result.kind) {
    case 'invalid':
      return ended(ports, failed, [...warnings, { source: 'stderr', text: `invalid pipeline:\n${result.errors.map((error) => `- ${error}\n`).join('')}` }])
    case 'unchanged':
      return ended(ports, succeeded, [...warnings, out('no changes to apply.\n'), changed(false)])
    case 'newer-build':
      return ended(ports, succeeded, [...warnings, ...result.diff.map(out), { source: 'stderr', text: newerBuild }, changed(false)])
    case 'no-server':
      return ended(ports, succeeded, [...warnings, out(`pipeline ${result.pipeline} is valid; it is not set, since there is no server here\n`)])
    case 'set':
      return ended(ports, succeeded, [...warnings, ...result.diff.map(out), out(`setting pipeline: ${result.pipeline}\n`), changed(true), out('done\n')])
  }
}

const newerBuild = '\u001b[33mWARNING: the pipeline was not saved because it was already saved by a newer build\u001b[0m\n'

type Said = LogText | { readonly changed: boolean }

const changed = (value: boolean): Said => ({ changed: value })

function ended({ planId, time }: SetPipelinePorts, outcome: LeafEnd['outcome'], said: readonly Said[]): LeafEnd {
  const now = time()
  const event = (one: Said): BuildEvent =>
    'changed' in one
      ? { type: 'set-pipeline-changed', data: { origin: { id: planId }, changed: one.changed } }
      : { type: 'log', data: { time: now, origin: { id: planId, source: one.source }, payload: one.text } }
  const events = said.map((one, index): KeyedEvent => ({ key: `said:${index}`, event: event(one) }))
  const finish: KeyedEvent = { key: 'finish', event: { type: 'finish', data: { origin: { id: planId }, time: now, succeeded: outcome.kind === 'succeeded' } } }
  return { outcome, events: [...events, finish] }
}
