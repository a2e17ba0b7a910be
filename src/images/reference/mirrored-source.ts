import type { JsonObject } from '../../model/json.ts'
import { parseRepository } from './native-reference.ts'
import { dockerHub } from './reference.ts'

/** A registry-image source with the operator's mirror in it, where it is about Docker Hub and names none: for containers that fetch the image. */
export function mirroredSource(source: JsonObject, mirror: string): JsonObject {
  const repository = parseRepository(source['repository'])
  if (!repository.ok || repository.value.registry !== dockerHub || (source['registry_mirror'] ?? null) !== null) return source
  // The name of an ECR source is not one of Docker Hub.
  return source['aws_region'] ? source : { ...source, registry_mirror: { host: mirror } }
}
