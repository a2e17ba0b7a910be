import type { PipelineConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { quote } from '../quote.ts'
import { parseGoUrl } from './go-url.ts'

export function validateDisplay(context: Context, config: PipelineConfig): void {
  const image = config.display?.background_image
  if (config.display === undefined || image === undefined) return
  const scheme = parseGoUrl(image)?.scheme
  if (scheme === '' || scheme === 'http' || scheme === 'https') return
  const message = scheme === undefined ? `${quote(image)} is no valid URL` : `a background image cannot come from ${quote(`${scheme}:`)}`
  context.report(context.placeOf(config.display, 'background_image'), 'invalid-value', message, { hint: 'use an http or https URL, or a relative one' })
}
