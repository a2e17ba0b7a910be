import { errored, succeeded } from './outcome.ts'
import type { ArtifactOutputPorts, Step } from './ports.ts'

/** Keeps an artifact of a one-off build for its author to download. */
export function artifactOutput(name: string, ports: ArtifactOutputPorts): Step {
  return {
    async run(state) {
      const artifact = state.artifact(name)
      if (artifact === undefined) return errored(`no step has made the output ${name}`)
      await ports.keepOutput(name, artifact)
      return succeeded
    },
  }
}
