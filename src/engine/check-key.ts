import type { ImageSpec } from '../model/image.ts'
import type { JsonObject } from '../model/json.ts'
import type { CheckPlan } from '../model/plan.ts'
import { imageIdentity, knownByContent } from '../steps/image-identity.ts'
import type { BuildContext } from './build-context.ts'
import { digestOf } from './content-digest.ts'
import { configScope } from './version-scope.ts'

/**
 * What two checks have in common that may be done in one container: team, resource config with its credentials, and an image
 * known by its content. Anything wider would show one's secrets to the other. Undefined: the image may be another one next time.
 */
export function checkKey(context: BuildContext, check: CheckPlan, source: JsonObject, image: ImageSpec): string | undefined {
  if (!knownByContent(imageIdentity(image))) return undefined
  return digestOf([configScope(context, check, source), image.source, image.privileged, check.tags ?? []])
}
