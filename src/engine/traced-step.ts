import { traced } from '../lib/traced.ts'
import type { SpanAttributes } from '../lib/span.ts'
import type { Plan } from '../model/plan.ts'
import type { Step } from '../steps/ports.ts'
import type { BuildContext } from './build-context.ts'

/** A step that does something itself is a span, by its kind, as in Concourse; what only orders others is none. */
export function tracedStep({ services: { tracing }, redactor }: BuildContext, plan: Plan, step: Step): Step {
  const attributes = tracing && attributesOf(plan)
  if (attributes === undefined) return step
  const redact = (text: string): string => redactor.redact(text)
  return {
    ...step,
    run: (state, signal) =>
      traced(tracing, { name: plan.kind, attributes: { ...attributes, plan_id: plan.id }, redact }, async (span) => {
        const outcome = await step.run(state, signal)
        span?.set({ status: outcome.kind })
        if (outcome.kind === 'errored') span?.end(redact(outcome.message))
        return outcome
      }),
  }
}

function attributesOf(plan: Plan): SpanAttributes | undefined {
  switch (plan.kind) {
    case 'get':
      return { name: plan.get.name ?? '', type: plan.get.type, ...(plan.get.resource !== undefined && { resource: plan.get.resource }) }
    case 'put':
      return { name: plan.put.name, type: plan.put.type, ...(plan.put.resource !== undefined && { resource: plan.put.resource }) }
    case 'check':
      return { name: plan.check.name ?? '', type: plan.check.type }
    case 'task':
      return { name: plan.task.name }
    case 'set_pipeline':
      return { name: plan.set_pipeline.name }
    case 'load_var':
      return { name: plan.load_var.name }
    case 'run':
    case 'artifact_input':
    case 'artifact_output':
    case 'do':
    case 'in_parallel':
    case 'across':
    case 'on_success':
    case 'on_failure':
    case 'on_abort':
    case 'on_error':
    case 'ensure':
    case 'try':
    case 'timeout':
    case 'retry':
      return undefined
  }
}
