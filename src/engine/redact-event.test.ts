import { expect, test } from 'vitest'
import { Redactor } from '../lib/redactor.ts'
import type { BuildEvent } from '../model/event.ts'
import { redactEvent } from './redact-event.ts'

test('S9: no event shows a secret that its texts have', () => {
  const redactor = new Redactor()
  redactor.add(['hunter2'])
  const origin = { id: 'a' }
  const config = { platform: 'linux', image: 'r/hunter2', run: { path: 'hunter2', args: ['--x=hunter2'], dir: 'd/hunter2' }, inputs: [{ name: 'i', path: 'hunter2' }] }
  const events: BuildEvent[] = [
    { type: 'error', data: { message: 'no hunter2', origin, time: 1 } },
    { type: 'initialize-task', data: { origin, time: 1, config } },
    { type: 'start-task', data: { origin, time: 1, config } },
    { type: 'finish-put', data: { origin, time: 1, exit_status: 0, version: { v: '1' }, metadata: [{ name: 'n', value: 'hunter2' }] } },
    { type: 'image-get', data: { origin, time: 1, plan: { id: 'x', get: { name: 'hunter2', list: ['hunter2', 1, null] } } } },
  ]
  for (const event of events) {
    const shown = JSON.stringify(redactEvent(redactor, event))
    expect(shown).not.toContain('hunter2')
    expect(shown).toContain('((redacted))')
  }
})

test('lines and errors of our own bring no control sequence of an image, a registry or a policy to a terminal', () => {
  const redactor = new Redactor()
  const origin = { id: 'a' }
  const hostile = '\u001b]52;c;cm0=\u0007 \u001b[8mhidden\u202e'
  const shown = [
    redactEvent(redactor, { type: 'error', data: { message: `the policy says ${hostile}\nand more`, origin, time: 1 } }),
    redactEvent(redactor, { type: 'log', data: { payload: `${hostile}\n`, origin, time: 1 } }),
  ]
  expect(shown.map(({ data }) => ('message' in data ? data.message : 'payload' in data ? data.payload : ''))).toEqual([
    'the policy says \ufffd]52;c;cm0=\ufffd \ufffd[8mhidden\ufffd\nand more',
    '\ufffd]52;c;cm0=\ufffd \ufffd[8mhidden\ufffd\n',
  ])
})
