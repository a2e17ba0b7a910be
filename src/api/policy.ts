import { parseVarFile } from '../config/parse-var-file.ts'
import type { Json } from '../model/json.ts'
import { noVerdictText, notAllowedText, type PolicyChecks } from '../model/policy.ts'
import { fail, ok, type Result } from '../model/result.ts'
import { text, type Reply } from './reply.ts'
import type { ApiRequest, Route } from './request.ts'

const yamlTypes = new Set(['text/vnd.yaml', 'text/yaml', 'text/x-yaml', 'application/x-yaml'])

/** Asks the policy server about a request, if it is to be asked: a warning for its answer, or what it is refused with. */
export async function policyOn(policy: PolicyChecks | undefined, { name, method }: Route, { principal, params, headers, body }: ApiRequest): Promise<Result<string | undefined, Reply>> {
  if (policy?.asksAboutRequest(name, method) !== true) return ok(undefined)
  const data = dataOf(headers['content-type'], body)
  if (!data.ok) return fail(text(400, data.error))
  const { team_name: team, pipeline_name: pipeline } = params
  const verdict = await policy.check({
    action: name,
    method,
    ...(principal.kind === 'user' && { user: principal.identity.name, roles: principal.roles.get(team ?? '') ?? [] }),
    ...(team !== undefined && { team }),
    ...(pipeline !== undefined && { pipeline }),
    ...(data.value !== undefined && { data: data.value }),
  })
  switch (verdict.kind) {
    case 'allowed':
      return ok(undefined)
    case 'not-allowed':
      return verdict.blocks ? fail(text(403, notAllowedText(verdict.messages))) : ok(notAllowedText(verdict.messages))
    case 'none':
      return fail(text(503, noVerdictText(verdict.problem)))
  }
}

/** As JSON too where its type is another or missing: handlers read it so. What cannot be read as what it is said to be is refused. */
function dataOf(contentType: string | undefined, body: Uint8Array | undefined): Result<Json | undefined, string> {
  const type = contentType?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (body === undefined || body.length === 0) return ok(undefined)
  if (yamlTypes.has(type)) return parseVarFile(body, 'the body', 'yaml')
  const data = parseVarFile(body, 'the body', 'json')
  return data.ok || type === 'application/json' ? data : ok(undefined)
}

const warningHeader = 'X-Concourse-Policy-Check-Warning'
const longestWarning = 4096

/** fly shows the header. */
export function withPolicyWarning(reply: Reply, warning: string | undefined): Reply {
  if (warning === undefined || reply.kind === 'upgrade' || reply.kind === 'stream') return reply
  return { ...reply, headers: { ...reply.headers, [warningHeader]: oneLine(warning) } }
}

/** A header has no control characters, and is bytes to HTTP: those of UTF-8, as Concourse sends and fly shows them. Node sends each character of the text as one byte. */
function oneLine(text: string): string {
  const bytes = Buffer.from(text.slice(0, longestWarning).replaceAll(/\p{Cc}/gu, ' '))
  let end = Math.min(bytes.length, longestWarning)
  // Not inside of a character.
  while (end < bytes.length && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.toString('latin1', 0, end)
}
