import type { PipelineConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { quote } from '../quote.ts'

export function validateDisplay(context: Context, config: PipelineConfig): void {
  const image = config.display?.background_image
  const scheme = image === undefined ? undefined : /^([a-z][a-z0-9+.-]*):/i.exec(image)?.[1]?.toLowerCase()
  if (config.display === undefined || scheme === undefined || scheme === 'http' || scheme === 'https') return
  context.report(context.placeOf(config.display, 'background_image'), 'invalid-value', `a background image cannot come from ${quote(`${scheme}:`)}`, {
    hint: 'use an http or https URL, or a relative one',
  })
}
