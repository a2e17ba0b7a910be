import type { PipelineConfig } from '../../model/config.ts'
import type { Context } from '../decode/context.ts'
import { quote } from '../quote.ts'
import { varsIn } from '../vars/interpolate.ts'
import { validateNames } from './names.ts'
import { varSourceFaults } from './var-source-config.ts'

const kinds = ['vault', 'dummy', 'ssm', 'secretsmanager', 'idtoken', 'files', 'environment']
const onlyForServers = new Set(['conjur', 'credhub', 'kubernetes'])

export function validateVarSources(context: Context, config: PipelineConfig): void {
  const sources = config.var_sources ?? []
  validateNames(context, 'var source', sources)
  for (const source of sources) {
    if (source.type === '') continue
    if (kinds.includes(source.type)) {
      for (const fault of varSourceFaults(source.type, source.config)) {
        context.report(context.placeOf(source, 'config', ...(fault.key === undefined ? [] : [fault.key])), 'invalid-value', fault.message, { hint: fault.hint })
      }
      continue
    }
    const message = onlyForServers.has(source.type) ? `a pipeline cannot have a var source of type ${quote(source.type)}` : `there is no var source of type ${quote(source.type)}`
    context.report(context.placeOf(source, 'type'), 'unknown-reference', message, {
      hint: context.didYouMean(source.type, kinds, 'var source') ?? `it can be ${kinds.join(', ')}`,
    })
  }
  // A source may take its own config's vars from another source, once that one is there.
  let waiting = sources.map((source) => ({ source, needs: varsIn(source.config ?? null).flatMap((reference) => reference.source ?? []) }))
  const ready = new Set<string>()
  for (let before = -1; before !== waiting.length; ) {
    before = waiting.length
    waiting = waiting.filter(({ source, needs }) => !needs.every((need) => ready.has(need)) || !ready.add(source.name))
  }
  for (const { source, needs } of waiting) {
    const need = needs.find((name) => !ready.has(name)) ?? ''
    const exists = sources.some((other) => other.name === need)
    context.report(context.placeOf(source, 'config'), exists ? 'cycle' : 'unknown-reference', `the var source ${quote(source.name)} needs vars from ${quote(need)}, ${exists ? 'which in turn waits for it' : 'and there is no such var source'}`)
  }
}
