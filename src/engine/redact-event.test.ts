import { expect, test } from 'vitest'
import { Redactor } from '../lib/redactor.ts'
import type { BuildEvent } from '../model/event.ts'
import { redactEvent } from './redact-event.ts'

test('no event shows a secret that its texts have', () => {
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
