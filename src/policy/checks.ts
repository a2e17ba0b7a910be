import type { PolicyChecks } from '../model/policy.ts'
import type { PolicyServer } from './opa.ts'

/** Which actions are asked about, as Concourse's filters say it. */
export interface PolicyFilter {
  readonly actions: readonly string[]
  /** Actions of the API that are never asked about. */
  readonly skipped: readonly string[]
  /** HTTP methods of which every request is asked about. */
  readonly methods: readonly string[]
}

export function policyChecks(server: PolicyServer, { actions, skipped, methods }: PolicyFilter): PolicyChecks {
  return {
    asksAboutRequest: (action, method) => !skipped.includes(action) && (methods.includes(method) || actions.includes(action)),
    asksAboutStep: (action) => actions.includes(action),
    check: (question) => server.ask(question),
  }
}
