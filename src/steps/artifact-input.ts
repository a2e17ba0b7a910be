import { errored, succeeded } from './outcome.ts'
import type { Step } from './ports.ts'

/** An input that was uploaded before the build began. */
export function artifactInput(name: string): Step {
  return {
    run: (state) => Promise.resolve(state.artifact(name) === undefined ? errored(`the uploaded input ${name} is not there`) : succeeded),
  }
}
