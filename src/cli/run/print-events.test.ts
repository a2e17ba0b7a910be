import { expect, test } from 'vitest'
import type { BuildEvent } from '../../model/event.ts'
import { colorsFor } from '../colors.ts'
import { EventPrinter } from './print-events.ts'
import type { StepLabel } from './step-labels.ts'

function printed(events: readonly BuildEvent[], labels: Readonly<Record<string, StepLabel>> = {}): string {
  let shown = ''
  const printer = new EventPrinter({ colors: colorsFor({}, {}), labelOf: labelIn(labels), write: (text) => (shown += text) })
  for (const event of events) printer.print(event)
  return shown
}

const label = (kind: StepLabel['kind'], step: string, parallel = false): StepLabel => ({ kind, step, name: `${kind} ${step}`, parallel, image: false })
const labelIn = (labels: Readonly<Record<string, StepLabel>>) => (planId: string) => {
  const label = labels[planId.split('/')[0] ?? '']
  return label && { ...label, image: planId.includes('/') }
}
const error = (id: string, message: string): BuildEvent => ({ type: 'error', data: { message, origin: { id }, time: 1 } })
const begins = (type: 'initialize-get' | 'initialize-put', id: string): BuildEvent => ({ type, data: { origin: { id }, time: 1 } })

test('prints each error, also where attempts and steps side by side fail alike', () => {
  expect(printed([error('1', 'timeout exceeded'), error('2', 'timeout exceeded'), error('3', 'timeout exceeded')])).toBe('timeout exceeded\n'.repeat(3))
  const labels = { 1: label('task', 'a', true), 2: label('task', 'b', true) }
  expect(printed([error('1', 'no image'), error('2', 'no image')], labels)).toBe('task a | no image\ntask b | no image\n')
})

test('says where a get and a put of the job begin, and nothing of the get of an image', () => {
  const labels = { 1: label('get', 'repo'), 2: label('put', 'release'), 3: label('task', 'unit') }
  expect(printed([begins('initialize-get', '1'), begins('initialize-get', '1/image-get'), begins('initialize-put', '2'), begins('initialize-get', '3/image-get')], labels)).toBe(
    'initializing get: repo\ninitializing put: release\n',
  )
})

test('commands, names and errors bring no control sequence to the terminal; output of processes is shown as it is', () => {
  const osc = '\u001b]52;c;cm0=\u0007'
  const config = { platform: 'linux', image: '', run: { path: 'sh', args: ['-c', `echo ${osc}\n\u001b[8mrm -rf ~`], dir: '' }, inputs: [] }
  const origin = { id: '1' }
  const events: BuildEvent[] = [
    { type: 'start-task', data: { time: 1, origin, config } },
    { type: 'initialize-check', data: { time: 1, origin, name: `image${osc}` } },
    error('1', `no\u202e ${osc}`),
  ]
  const shown = printed(events, { 1: label('task', `a\n${osc}`, true) })
  expect(shown).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u)
  expect(shown.split('\n')).toHaveLength(5)
  expect(shown).toContain('running sh -c echo \ufffd]52;c;cm0=\ufffd\n')
  expect(printed([{ type: 'log', data: { time: 1, origin, payload: '\u001b[32mgreen\u001b[0m\n' } }])).toBe('\u001b[32mgreen\u001b[0m\n')
})
