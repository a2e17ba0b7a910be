import { SourceText } from '../../config/source-text.ts'
import { toJson } from '../../config/yaml/node.ts'
import { parseYaml } from '../../config/yaml/parse-yaml.ts'
import { parseReference } from '../../images/reference/reference.ts'
import { describeImageError } from '../../images/resolve/image-error.ts'
import { parseImageSource } from '../../images/resolve/image-source.ts'
import type { BaseTypeImage } from '../../model/image.ts'
import type { JsonObject } from '../../model/json.ts'
import { fail, ok, type Result } from '../../model/result.ts'

/** Reads `NAME=IMAGE`, or `NAME={repository: …, …}` with the keys of a registry-image source. */
export function parseBaseType(text: string): Result<readonly [string, BaseTypeImage], string> {
  const equals = text.indexOf('=')
  const name = text.slice(0, equals)
  const image = text.slice(equals + 1)
  if (equals <= 0 || image === '') {
    return fail('write it as NAME=IMAGE, e.g. git=example.com/git-resource:1, or NAME={repository: IMAGE, …} with the keys of a registry-image source')
  }
  if (!image.startsWith('{')) {
    const reference = parseReference(image)
    return reference.ok ? ok([name, image]) : fail(`"${image}" is no image: ${reference.error.detail}`)
  }
  const source = new SourceText('')
  const { root } = parseYaml(image, source, 'file')
  if (root?.kind !== 'map' || source.findings.length > 0) return fail('what follows the = is not a YAML object on one line')
  const object = toJson(root) as JsonObject
  const checked = parseImageSource(object)
  return checked.ok ? ok([name, object]) : fail(describeImageError(checked.error))
}

/** What stands in a source may be a password. */
export const showBaseType = (text: string): string => {
  const equals = text.indexOf('=')
  return equals <= 0 || equals === text.length - 1 ? text : `${text.slice(0, equals)}=…`
}
