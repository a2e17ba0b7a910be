import { ok } from '../../../model/result.ts'
import { parsePolicyUrl } from '../addresses.ts'
import { commaSeparated } from '../login/values.ts'
import type { Setting } from '../setting.ts'
import { hidden, list, one, seconds } from '../types.ts'
import { builds } from './runtime.ts'

const action = list('ACTION', (name) => ok(name))

export const policy = {
  'opa-url': {
    group: 'Server', commands: builds, type: one('URL', parsePolicyUrl, hidden), concourse: 'CONCOURSE_OPA_URL',
    summary: 'policy server that is asked about actions',
    details: "Open Policy Agent's data API, asked as Concourse asks it about the actions of `policy-action`. Without its answer they are refused; without this setting no action is asked about.",
  },
  'opa-timeout': {
    group: 'Server', commands: builds, type: seconds, default: '5s', concourse: 'CONCOURSE_OPA_TIMEOUT',
    summary: "longest time for the policy server's answer",
  },
  'policy-action': {
    group: 'Server', commands: builds, type: action, concourse: commaSeparated('CONCOURSE_POLICY_CHECK_FILTER_ACTION'),
    summary: 'action that the policy server decides about',
    details: '`UseImage` and `SetPipeline` are what steps do; `SaveConfig` is what `fly set-pipeline` asks of the API, whose other actions have the names of its `operationId`s.',
  },
  'policy-http-method': {
    group: 'Server', commands: builds, type: list('METHOD', (name) => ok(name.toUpperCase())), concourse: commaSeparated('CONCOURSE_POLICY_CHECK_FILTER_HTTP_METHOD'),
    summary: 'HTTP method whose requests the policy server decides about',
  },
  'policy-action-skip': {
    group: 'Server', commands: builds, type: action, concourse: commaSeparated('CONCOURSE_POLICY_CHECK_FILTER_ACTION_SKIP'),
    summary: 'action of the API that the policy server never decides about',
  },
} as const satisfies Readonly<Record<string, Setting>>
