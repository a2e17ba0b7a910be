import type { Step, StepOutcome } from '../ports.ts'
import { aborted, errored, interrupted } from '../outcome.ts'

/** For hooks that run although the build is aborted: a signal that is never aborted. */
const unaborted = () => new AbortController().signal

/** The hook's outcome counts. */
export function onSuccess(step: Step, hook: Step): Step {
  return {
    async run(state, signal) {
      const outcome = await step.run(state, signal)
      if (outcome.kind !== 'succeeded') return outcome
      return signal.aborted && hook.begun !== true ? interrupted(signal) : hook.run(state, signal)
    },
  }
}

/** The step stays failed whatever the hook does; only an error or an abort of the hook shows. */
export function onFailure(step: Step, hook: Step): Step {
  return {
    async run(state, signal) {
      const outcome = await step.run(state, signal)
      if (outcome.kind !== 'failed') return outcome
      return unlessBroken(await hook.run(state, signal.aborted ? unaborted() : signal), outcome)
    },
  }
}

/** After an error of the step, which stays errored. */
export function onError(step: Step, hook: Step): Step {
  return {
    async run(state, signal) {
      const outcome = await step.run(state, signal)
      if (outcome.kind !== 'errored') return outcome
      const hooked = await hook.run(state, signal.aborted ? unaborted() : signal)
      return hooked.kind === 'errored' ? errored(`${outcome.message}\n${hooked.message}`) : outcome
    },
  }
}

/** After an abort; the step stays aborted. */
export function onAbort(step: Step, hook: Step): Step {
  return {
    async run(state, signal) {
      const outcome = await step.run(state, signal)
      if (outcome.kind !== 'aborted') return outcome
      await hook.run(state, unaborted())
      return outcome
    },
  }
}

/** Always; both must succeed. An abort of the hook shows whatever the step's outcome was. */
export function ensure(step: Step, hook: Step): Step {
  return {
    async run(state, signal) {
      const outcome = await step.run(state, signal)
      const hooked = await hook.run(state, signal.aborted ? unaborted() : signal)
      if (outcome.kind === 'aborted' || hooked.kind === 'aborted') return aborted
      if (outcome.kind === 'errored') {
        return hooked.kind === 'errored' ? errored(`${outcome.message}\n${hooked.message}`) : outcome
      }
      if (hooked.kind === 'errored') return hooked
      return outcome.kind === 'succeeded' ? hooked : outcome
    },
  }
}

function unlessBroken(hook: StepOutcome, outcome: StepOutcome): StepOutcome {
  return hook.kind === 'errored' || hook.kind === 'aborted' ? hook : outcome
}
