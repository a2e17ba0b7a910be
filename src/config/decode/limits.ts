import type { ContainerLimits } from '../../model/config.ts'
import { memoryHint, parseMemory } from '../memory.ts'
import { hasVar } from '../vars/reference.ts'
import { record } from './collections.ts'
import { quoteOf, wrongType, type Reader } from './scalars.ts'

const cpu: Reader<number> = (context, place) => {
  const { node } = place
  if (node.kind !== 'scalar' || typeof node.value !== 'number') return wrongType(context, place, 'a number of CPU shares (1024 is one core)')
  if (node.value < 0) context.report(place, 'invalid-value', 'CPU shares cannot be negative')
  return Math.trunc(node.value)
}

const memory: Reader<number> = (context, place) => {
  const { node } = place
  if (node.kind === 'scalar' && typeof node.value === 'number' && node.value >= 0) return Math.trunc(node.value)
  if (node.kind !== 'scalar' || typeof node.value !== 'string' || hasVar(node.value)) return wrongType(context, place, 'an amount of memory', memoryHint)
  const bytes = parseMemory(node.value)
  if (bytes === undefined) context.report(place, 'invalid-value', `${quoteOf(place)} is no amount of memory`, { hint: memoryHint })
  return bytes
}

export const containerLimits = record<ContainerLimits>('container_limits', { cpu, memory }, {}, { unknown: 'ignored' })
