import type { ImageSpec } from '../../model/image.ts'
import type { Json, JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'
import type { ImageFailure } from '../../steps/ports.ts'
import type { BuildContext } from '../build-context.ts'
import type { ImageUse } from '../ports.ts'
import type { Redactor } from '../../lib/redactor.ts'
import { withoutUser } from '../../lib/without-user.ts'
import { redactJson } from '../redact-event.ts'

export type AskedImage = Pick<ImageUse, 'type' | 'image' | 'source' | 'privileged'>

export type PolicyWord = Pick<ImageSpec, 'policy'>

/**
 * Asks whether a step may use an image, whichever way it gets it. Without a policy it may; one that cannot answer denies. `note`: a line
 * for the step's log. What it said is for the step's record.
 */
export async function mayUseImage(
  { services, build, redactor }: Pick<BuildContext, 'services' | 'build' | 'redactor'>,
  use: AskedImage,
  signal: AbortSignal,
  note: (line: string) => void,
): Promise<Result<PolicyWord, ImageFailure>> {
  const { imagePolicy } = services
  if (imagePolicy === undefined) return ok({})
  const { team, pipeline, job } = build
  const denied = (reason: string) => fail<ImageFailure>({ kind: 'failed', message: `the image policy denies ${use.image}: ${reason}` })
  const source = policySource(use.source, redactor)
  try {
    const answer = await imagePolicy.check(
      { action: 'UseImage', ...use, image: withoutUser(use.image), source, team, ...(pipeline !== undefined && { pipeline }), ...(job !== undefined && { job }) },
      signal,
    )
    if (signal.aborted) return fail({ kind: 'aborted' })
    switch (answer.kind) {
      case 'allow':
        return ok({ policy: { reasons: [] } })
      case 'warn':
        note(`[WARNING] the image policy warns against ${use.image}, and does not deny it: ${answer.reason}`)
        return ok({ policy: { reasons: [answer.reason] } })
      case 'deny':
        return denied(answer.reason)
    }
  } catch (error) {
    if (signal.aborted) return fail({ kind: 'aborted' })
    services.log.warn({ err: error, component: 'engine' }, 'the image policy did not answer')
    return denied('it did not answer')
  }
}

/** Fields of a source that name the image: a policy has to see them as they are, also where a secret var gave them. */
const naming = new Set(['repository', 'tag', 'digest', 'variant', 'semver_constraint', 'tag_regex', 'aws_region'])

function policySource(source: JsonObject, redactor: Redactor): JsonObject {
  const hidden = redactJson((text) => redactor.redact(text), withoutCredentials(source)) as JsonObject
  const named = Object.entries(source).filter(([name, value]) => naming.has(name) && typeof value !== 'object')
  return { ...hidden, ...Object.fromEntries(named.map(([name, value]) => [name, typeof value === 'string' ? withoutUser(value) : value])) }
}

/** Whatever a source calls a credential, also where it stands in the pipeline's text: a policy decides about images, not about passwords. */
function withoutCredentials(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutCredentials)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, credential.test(key) && item !== null ? '((redacted))' : withoutCredentials(item)]))
}

const credential = /password|passphrase|secret|token|credential|username|private|(^|_)keys?(_|$)|access_key/i
