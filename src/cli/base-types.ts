import { parse } from 'yaml'
import { parseReference } from '../images/reference/reference.ts'
import { describeImageError } from '../images/resolve/image-error.ts'
import { parseImageSource } from '../images/resolve/image-source.ts'
import type { BaseTypeImage } from '../model/image.ts'
import type { JsonObject } from '../model/json.ts'
import { CommandError } from './exit.ts'

/** Reads `NAME=IMAGE`, or `NAME={repository: …, …}` with the keys of a registry-image source. */
export function parseBaseType(text: string): readonly [string, BaseTypeImage] {
  const equals = text.indexOf('=')
  const name = text.slice(0, equals)
  const image = text.slice(equals + 1)
  if (equals <= 0 || image === '') {
    throw new CommandError(`--base-resource-type "${text}": write it as NAME=IMAGE, e.g. git=example.com/git-resource:1, or NAME={repository: IMAGE, …} with the keys of a registry-image source`)
  }
  // What stands in a source may be a password.
  const refused = (why: string): CommandError => new CommandError(`--base-resource-type "${name}=…": ${why}`)
  if (!image.startsWith('{')) {
    const reference = parseReference(image)
    if (!reference.ok) throw refused(`"${image}" is no image: ${reference.error.detail}`)
    return [name, image]
  }
  let source: unknown
  try {
    source = parse(image)
  } catch {
    throw refused('what follows the = is not a YAML object on one line')
  }
  const checked = parseImageSource(source as JsonObject)
  if (!checked.ok) throw refused(describeImageError(checked.error))
  return [name, source as JsonObject]
}
