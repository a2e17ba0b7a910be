import { configDiff, diffText } from '../config/config-diff.ts'
import type { JsonObject } from '../model/json.ts'
import type { SettingStep } from '../model/set-pipeline.ts'
import type { PipelineToSet, SetPipelineResult } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'
import { redactJson } from './redact-event.ts'

/** Larger config files are refused: no more is read as YAML. */
export const longestConfigFile = 16 * 1024 * 1024

/** What a step's log shows of a change. */
const mostLines = 5_000
const longestLine = 2_000
/** Lines in one event. */
const linesAtOnce = 100

/**
 * Waits until all that was done before is durable: a server that died behind the change would run an earlier step again, which might set
 * what this one has replaced.
 */
export async function setPipeline({ services, build, redactor, writer }: BuildContext, planId: string, { name, team, instanceVars, vars, config, varFiles }: PipelineToSet): Promise<SetPipelineResult> {
  const by: SettingStep = {
    team: build.team,
    buildId: build.id,
    buildName: build.name,
    planId,
    ...(build.pipeline !== undefined && { pipeline: build.pipeline }),
    ...(build.job !== undefined && { job: build.job }),
    ...(build.scope.pipelineId !== undefined && { pipelineId: build.scope.pipelineId }),
    ...(build.scope.jobId !== undefined && { jobId: build.scope.jobId }),
  }
  await writer.write({})
  const done = await services.pipelines.set({ by, name, config, varFiles, ...(team !== undefined && { team }), ...(instanceVars && { instanceVars }), ...(vars && { vars }) })
  return done.kind === 'set' || done.kind === 'newer-build' ? { kind: done.kind, pipeline: done.pipeline, warnings: done.warnings, diff: shownDiff(done.before, done.after, (text) => redactor.redact(text)) } : done
}

/**
 * The change as lines for a log, some in each text. Secrets are taken out before it is written as YAML, where quotes and escapes would
 * disguise them.
 */
export function shownDiff(before: JsonObject, after: JsonObject, redact: (text: string) => string): readonly string[] {
  const redacted = (config: JsonObject) => redactJson(redact, config) as JsonObject
  const lines: string[] = []
  let left = 0
  for (const { change, text } of diffText(configDiff(redacted(before), redacted(after)))) {
    if (lines.length < mostLines) lines.push(painted(change, text.length > longestLine ? `${text.slice(0, longestLine)}…` : text))
    else left += 1
  }
  if (left > 0) lines.push(`… and ${left} more lines\n`)
  return Array.from({ length: Math.ceil(lines.length / linesAtOnce) }, (_, i) => lines.slice(i * linesAtOnce, (i + 1) * linesAtOnce).join(''))
}

function painted(change: 'removed' | 'added' | 'same', text: string): string {
  switch (change) {
    case 'removed':
      return `\u001b[31m${text}\u001b[0m\n`
    case 'added':
      return `\u001b[32m${text}\u001b[0m\n`
    case 'same':
      return `${text}\n`
  }
}
