import { decodeText } from '../../config/decode-text.ts'
import { formatFinding } from '../../config/format-finding.ts'
import type { Finding } from '../../config/finding.ts'
import { nearMiss } from '../../config/near-miss.ts'
import { parsePipeline } from '../../config/parse-pipeline.ts'
import { unrunnable } from '../../config/unrunnable.ts'
import { loadVars, type VarOptions } from '../../config/vars/var-options.ts'
import type { JobConfig, PipelineConfig } from '../../model/config.ts'
import type { Colors } from '../colors.ts'
import { CommandError } from '../exit.ts'
import { secrets } from '../terminal.ts'
import { inColumns } from './columns.ts'
import { readSource } from './read-source.ts'

export interface LoadOptions {
  readonly file: string
  readonly vars: VarOptions
  readonly revealed: readonly string[]
  readonly baseTypes: Iterable<string>
  readonly colors: Colors
  readonly warn: (line: string) => void
}

export interface LoadedPipeline {
  readonly config: PipelineConfig
  readonly job: JobConfig
  /** Texts of given vars that the pipeline holds now, and that no log may show. */
  readonly secrets: readonly string[]
}

/** Reads, fills in and checks a pipeline; all that is wrong is said at once. */
export async function loadPipeline(options: LoadOptions, jobName: string | undefined): Promise<LoadedPipeline> {
  const { file, colors, warn } = options
  const source = await readSource(file)
  const given = loadVars(options.vars)
  if (given.findings.length > 0) throw new CommandError(given.findings.map((finding) => `${finding.file}: ${finding.message}`).join('\n'))
  for (const warning of given.warnings) warn(`${warning.file}: ${warning.message}`)
  const revealed = new Set(options.revealed)
  const parsed = parsePipeline(source, {
    file,
    baseTypes: options.baseTypes,
    vars: (reference) => {
      const found = given.lookup(reference)
      return found.kind === 'found' ? { ...found, secret: !revealed.has(reference.path) } : found
    },
  })
  secrets.keep(parsed.secrets)
  const { text } = decodeText(source)
  const show = (finding: Finding) => formatFinding(finding, { color: colors.enabled, source: text })
  const errors = parsed.findings.filter((finding) => finding.severity === 'error')
  if (parsed.config === undefined || errors.length > 0) {
    const count = errors.length === 1 ? '1 error' : `${errors.length} errors`
    throw new CommandError(`${errors.map(show).join('\n')}\n${file}: ${count}`)
  }
  const job = chooseJob(parsed.config, jobName, file)
  const other = isOfOtherJob(parsed.config, job)
  for (const finding of parsed.findings) if (finding.severity === 'warning' && !other(finding)) warn(show(finding))
  const blocking = unrunnable(parsed.config, job.name, parsed.positions, options.baseTypes)
  if (blocking.length > 0) throw new CommandError(blocking.map(show).join('\n'))
  return { config: parsed.config, job, secrets: [...parsed.secrets] }
}

function chooseJob(config: PipelineConfig, name: string | undefined, file: string): JobConfig {
  const jobs = config.jobs ?? []
  const names = jobs.map((job) => job.name)
  if (name === undefined) {
    const [only, another] = jobs
    if (only !== undefined && another === undefined) return only
    throw new CommandError(jobs.length === 0 ? `${file} has no jobs` : `which job? --job NAME, one of:\n${inColumns(names)}`)
  }
  const job = jobs.find((candidate) => candidate.name === name)
  if (job === undefined) {
    const near = nearMiss(name, names)
    throw new CommandError(`${file} has no job "${name}"; ${near === undefined ? '' : `did you mean "${near}"? `}its jobs are:\n${inColumns(names)}`)
  }
  return job
}

/** Whether a finding is in the plan of a job that this run has nothing to do with. */
function isOfOtherJob(config: PipelineConfig, job: JobConfig): (finding: Finding) => boolean {
  const own = config.jobs?.indexOf(job) ?? -1
  return ({ path }) => {
    const index = /^jobs\[(\d+)\]/.exec(path)?.[1]
    return index !== undefined && Number(index) !== own
  }
}
