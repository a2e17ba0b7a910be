import { pipelineText } from '../../config/pipeline-text.ts'
import type { Clock } from '../../lib/clock.ts'
import { messageOf } from '../../lib/errors.ts'
import { fail, ok } from '../../model/result.ts'
import type { VarScope } from '../../model/var.ts'
import { passingFault, permanentFault, type SecretManager } from '../manager.ts'
import type { IdTokenSettings } from './settings.ts'
import type { SigningKeys } from './signing-keys.ts'

export interface Issuer {
  /** Where the keys are published: the server's address for others; '': it has none. */
  readonly url: string
  readonly keys: SigningKeys
}

/** Signed tokens that say which team, pipeline and job asks: `((source:token))`. Each is made for whoever asks. */
export function idTokenManager(settings: IdTokenSettings, { url, keys }: Issuer, clock: Clock): SecretManager {
  return {
    caching: 'never',
    paths: (name) => [name],
    async get(name, scope) {
      if (name !== 'token') return fail(permanentFault('an idtoken var source has one var, `token`'))
      if (url === '') return fail(permanentFault('tokens name this server as their issuer, and it has no address: set external-url'))
      const now = Math.floor(clock.now() / 1000)
      const claims = {
        iss: url,
        sub: subjectOf(settings.scope, scope),
        ...(settings.audience.length > 0 && { aud: settings.audience }),
        iat: now,
        exp: now + Math.floor(settings.expiresInMs / 1000),
        team: scope.team,
        pipeline: scope.pipeline ?? '',
        job: scope.job ?? '',
        ...(scope.instanceVars !== undefined && { instance_vars: scope.instanceVars }),
      }
      try {
        return ok({ value: await keys.sign(settings.algorithm, claims) })
      } catch (error) {
        return fail(passingFault(`a token could not be signed: ${messageOf(error)}`))
      }
    },
  }
}

/** A verifier trusts subjects: names must not be able to look like others. */
function subjectOf(kind: IdTokenSettings['scope'], { team, pipeline = '', instanceVars, job = '' }: VarScope): string {
  const instance = instanceVars === undefined ? '' : pipelineText({ name: '', instanceVars }).slice(1)
  const parts = { team: [team], pipeline: [team, pipeline], instance: [team, pipeline, instance], job: [team, pipeline, instance, job] }[kind]
  return parts.map((part) => part.replaceAll('%', '%25').replaceAll('/', '%2F')).join('/')
}
