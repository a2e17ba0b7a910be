import { ok } from '../../model/result.ts'
import { isRegistryImage } from '../image/image-way.ts'
import { resolveVars } from '../interpolate.ts'
import { readArtifactFile } from '../artifact-file.ts'
import { loadVar } from '../load-var.ts'
import { longestConfigFile, setPipeline } from '../set-pipeline.ts'
import { resolveTaskConfig } from '../task-config.ts'
import { unlessAborted } from '../unless-aborted.ts'
import type { AllPorts, LeafStep } from './leaf-step.ts'

/** What a step is told to do: vars, a task's config, the source for its container. */
export function configPorts({ context, plan, note, record }: LeafStep): Pick<AllPorts, 'interpolate' | 'forContainer' | 'taskConfig' | 'loadVar' | 'readFile' | 'setPipeline'> {
  const body = plan.kind === 'get' ? plan.get : plan.kind === 'check' ? plan.check : plan.kind === 'put' ? plan.put : undefined
  const begun = record?.phase === 'assigned'
  // Its container checks, fetches or pushes a registry image itself.
  const ofImage = body !== undefined && isRegistryImage(body)
  return {
    interpolate: (value, state, signal) => unlessAborted(resolveVars(context, state, value), signal, begun),
    forContainer: (source) => (ofImage ? context.services.images.forContainer(source) : source),
    loadVar: (load, state) => loadVar(context, load, state),
    readFile: (file, state) => readArtifactFile(context, { what: 'file', file, limit: longestConfigFile }, state),
    setPipeline: (pipeline) => setPipeline(context, plan.id, pipeline),
    async taskConfig(task, state, signal) {
      const resolved = await unlessAborted(resolveTaskConfig(context, task, state), signal, begun)
      if (!resolved.ok) return resolved
      for (const warning of resolved.value.warnings) note(`[WARNING] ${warning}`)
      return ok(resolved.value.config)
    },
  }
}
