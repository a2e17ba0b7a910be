/** An action that a policy server is asked about, as Concourse describes it. */
export interface PolicyQuestion {
  /** That of a step, `UseImage` or `SetPipeline`, or the name of a route of the API, as `SaveConfig`. */
  readonly action: string
  /** Of a request. */
  readonly method?: string
  readonly user?: string
  /** Of the user in the team. */
  readonly roles?: readonly string[]
  readonly team?: string
  readonly pipeline?: string
  /** What a request sends or a step is about to do. */
  readonly data?: unknown
}

export type PolicyVerdict =
  | { readonly kind: 'allowed' }
  /** Not allowed; it happens all the same, with a warning, unless `blocks`. */
  | { readonly kind: 'not-allowed'; readonly blocks: boolean; readonly messages: readonly string[] }
  /** There is no verdict: the server did not answer, or not as it should. What it was asked about does not happen. */
  | { readonly kind: 'none'; readonly problem: string }

/** A policy server, and the actions that it is asked about. */
export interface PolicyChecks {
  asksAboutRequest(action: string, method: string): boolean
  asksAboutStep(action: string): boolean
  check(question: PolicyQuestion): Promise<PolicyVerdict>
}

/** Of all messages together. */
const longestText = 16 * 1024

/** As Concourse says it. */
export function notAllowedText(messages: readonly string[]): string {
  if (messages.length === 0) return 'policy check failed'
  const text = `policy check failed: ${['', ...messages].join('\n * ')}`
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text
}

export const noVerdictText = (problem: string): string => `policy check failed: ${problem}`
